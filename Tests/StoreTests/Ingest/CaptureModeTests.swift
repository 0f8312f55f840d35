import Core
import TestSupport
import Testing

@testable import Store

@Suite struct CaptureModeTests {
    private let database: StoreDatabase
    private let administration: OwnerSession

    init() throws {
        database = try .installed()
        administration = try database.administration()
    }

    private func add(
        _ name: String, domains: [String], capture: CaptureMode = .store, forwardTo: String? = nil
    ) throws -> CompanyRecord {
        try administration.addCompany(
            name: name, provider: .google, sync: .limited, domains: domains, capture: capture,
            forwardTo: forwardTo.map { ForwardAddress($0)! }, markerKey: .random(32), indexKey: .random(32))
    }

    private func change(_ company: CompanyRecord, _ set: (inout CompanyChange) -> Void) throws
        -> CompanyRecord
    {
        var change = CompanyChange()
        set(&change)
        return try administration.change(company.id, change)
    }

    private func routing(_ company: CompanyRecord) throws -> Routing.Company {
        try #require(try Routing(rows: database.mailHost().routing())[company.id])
    }

    @Test func `mail hosts learn of the mode, and of the address where it forwards`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        #expect(acme.capture == .store && acme.forwardAddress == nil)
        #expect(try routing(acme).capture == .store)
        #expect(try !database.mailHost().routing().contains { [.capture, .forward].contains($0.item) })
        for mode in CaptureMode.allCases {
            let changed = try change(acme) { ($0.capture, $0.forward) = (mode, .to(ForwardAddress("In@X.example")!)) }
            #expect(changed.capture == mode && changed.forwardAddress == "In@x.example")
            #expect(try routing(acme).capture == mode)
            #expect(try routing(acme).forwardAddress == (mode.forwards ? "In@x.example" : nil))
        }
        let beta = try add("Beta", domains: ["b.example"], capture: .forward, forwardTo: "b@x.example")
        #expect(beta.capture == .forward && beta.forwardAddress == "b@x.example")
    }

    @Test func `a mode that forwards needs an address; without it, a company that stores stores on`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        for mode in CaptureMode.allCases where mode.forwards {
            #expect(try storeError(of: { try change(acme) { $0.capture = mode } }) == .noForwardAddress)
            #expect(try storeError(of: { try add("Beta", domains: ["b.example"], capture: mode) }) == .noForwardAddress)
        }
        let address = ForwardAddress("in@x.example")!
        _ = try change(acme) { ($0.capture, $0.forward) = (.storeAndForward, .to(address)) }
        let stores = try change(acme) { $0.forward = .nowhere }
        #expect(stores.capture == .store && stores.forwardAddress == nil)
        _ = try change(acme) { ($0.capture, $0.forward) = (.forward, .to(address)) }
        #expect(try storeError(of: { try change(acme) { $0.forward = .nowhere } }) == .noForwardAddress)
        #expect(try change(acme) { ($0.capture, $0.forward) = (.observe, .nowhere) }.forwardAddress == nil)
        // What is not mentioned stays.
        #expect(try change(acme) { $0.sync = .off }.capture == .observe)
    }

    @Test func `nobody forwards to a company's domain, whichever of the two came first`() throws {
        let acme = try add("Acme", domains: ["a.example"])
        let beta = try add("Beta", domains: ["b.example"])
        for domain in ["a.example", "b.example", "B.Example"] {
            let address = ForwardAddress("in@\(domain)")!
            #expect(try storeError(of: { try change(acme) { $0.forward = .to(address) } }) == .forwardInside)
        }
        #expect(
            try storeError(of: { try add("Gamma", domains: ["g.example"], forwardTo: "in@g.example") })
                == .forwardDomain)
        _ = try change(acme) { $0.forward = .to(ForwardAddress("in@x.example")!) }
        for company in [acme, beta] {
            #expect(
                try storeError(of: { try change(company) { $0.addedDomains = ["new.example", "x.example"] } })
                    == .forwardDomain)
        }
        #expect(try storeError(of: { try add("Gamma", domains: ["x.example"]) }) == .forwardDomain)
        #expect(try administration.company("Beta").domains == ["b.example"])
        // Another domain, though one below.
        #expect(try change(beta) { $0.addedDomains = ["sub.x.example"] }.domains.count == 2)
        _ = try change(acme) { $0.forward = .nowhere }
        #expect(try change(beta) { $0.addedDomains = ["x.example"] }.domains.count == 3)
        for error in [StoreError.forwardInside, .forwardDomain] { #expect(!"\(error)".contains("Acme")) }
    }

    @Test func `of two administrators who add one side each at one moment, one is refused`() throws {
        let (acme, beta) = (try add("Acme", domains: ["a.example"]), try add("Beta", domains: ["b.example"]))
        for round in 0..<20 {
            let domain = "x\(round).example"
            let conninfo = database.conninfo(user: "administrator")
            let results = concurrently(2) { side in
                var change = CompanyChange()
                if side == 0 {
                    change.forward = .to(ForwardAddress("in@\(domain)")!)
                } else {
                    change.addedDomains = [domain]
                }
                _ = try OwnerSession(conninfo).change(side == 0 ? acme.id : beta.id, change)
            }
            #expect(results.count { (try? $0.get()) != nil } == 1)
        }
    }

    @Test(arguments: [
        ("in@x.example", true), ("In.Box+lever=1@mail.X.example", true), ("!#$%&'*+-/=?^_`{|}~@x.example", true),
        ("\(String(repeating: "l", count: 64))@x.example", true), ("in@xn--bcher-kva.example", true),
        ("\(String(repeating: "l", count: 65))@x.example", false), ("x.example", false), ("@x.example", false),
        ("in@", false), ("in@x", false), ("in@x.example.", false), ("in@@x.example", false),
        ("a@b@x.example", false),
        ("in @x.example", false), (".in@x.example", false), ("in.@x.example", false), ("i..n@x.example", false),
        ("\"i n\"@x.example", false), ("in@[192.0.2.1]", false), ("in@-x.example", false), ("in@x-.example", false),
        ("in@b\u{fc}cher.example", false), ("\u{ef}n@x.example", false), ("in@x.example\n", false),
        ("<in@x.example>", false), ("in@x.example NOTIFY=SUCCESS", false), ("in@x..example", false), ("", false),
        ("in@\(String(repeating: "l", count: 60)).\(String(repeating: "l.", count: 100))example", false),
    ])
    func `an address is a mailbox in ASCII`(text: String, isGood: Bool) throws {
        #expect((ForwardAddress(text) != nil) == isGood)
        // The database is of one mind with it, but that it wants the domain in lower case.
        let acme = try add("Acme", domains: ["a.example"])
        let connection = try database.connection(user: "administrator")
        try connection.assume("lever_owner")
        let stored = ForwardAddress(text)?.text ?? text
        let state = try sqlState {
            try connection.query("UPDATE lever.company SET forward_to = \(stored) WHERE company_id = \(acme.id)")
        }
        #expect(state == (isGood ? nil : "23514"))
    }
}
