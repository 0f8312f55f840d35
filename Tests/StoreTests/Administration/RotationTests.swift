import Core
import TestSupport
import Testing

@testable import Store

@Suite struct RotationTests: StoreSuite {
    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.installed())
    }

    private func acknowledge(_ host: String, _ snapshot: String? = nil) throws {
        try mailHost.acknowledgeRouting(snapshot: snapshot ?? mailHost.routingSnapshot(), host: host)
    }

    /// Announces a key of 32 (marker, index) or 91 bytes (sealing) and returns it with its name.
    private func announce(_ kind: KeyKind) throws -> (key: [UInt8], name: String) {
        let key = [UInt8].random(kind == .sealing ? 91 : 32)
        switch kind {
        case .sealing:
            let id = [UInt8].random(20)
            try administration.announceSealingKey(key, keyID: id, to: company)
            return (key, id.hex)
        case .marker: return (key, try administration.announceMarkerKey(key, to: company).key)
        case .index: return (key, try administration.announceIndexKey(key, to: company) { _, _ in [] }.key)
        }
    }

    /// How routing has the key: the item; nil if it does not.
    private func item(_ key: [UInt8]) throws -> Routing.Row.Item? {
        try mailHost.routing().first { $0.company == company && $0.value == key }?.item
    }

    private func states(_ kind: KeyKind) throws -> [KeyState] {
        kind == .sealing
            ? try administration.sealingKeys(of: company).map(\.state)
            : try administration.secrets(of: company).filter { $0.kind == kind }.map(\.state)
    }

    @Test(
        arguments: [
            (KeyKind.sealing, [nil, .sealingKey, .sealingKey], nil),
            (.marker, [.markerKey, .markerKey, .markerKey], .markerKey),
            (.index, [.furtherIndexKey, .furtherIndexKey, .indexKey], .furtherIndexKey),
        ] as [(KeyKind, [Routing.Row.Item?], Routing.Row.Item?)])
    func `a key is announced, known to every host, in use; routing has it in each state as it should`(
        kind: KeyKind, items: [Routing.Row.Item?], oldItem: Routing.Row.Item?
    ) throws {
        let old: [UInt8] =
            switch kind {
            case .sealing: try administration.sealingKeys(of: company)[0].publicKey
            case .marker: try administration.markerKey(of: company).key
            case .index: try administration.indexKey(of: company).key
            }
        #expect(try storeError { try administration.advance(kind, of: company) } == .noRotation)
        let (key, name) = try announce(kind)
        #expect(try states(kind) == [.primary, .next])
        #expect(try item(key) == items[0])
        #expect(try storeError { try announce(kind) } == .rotationUnderWay)
        #expect(try administration.advance(kind, of: company) == RotationStep(key: name, state: .distributed))
        #expect(try states(kind) == [.primary, .distributed])
        #expect(try item(key) == items[1])
        #expect(try item(old) != nil)
        #expect(try administration.advance(kind, of: company) == RotationStep(key: name, state: .primary))
        #expect(try states(kind) == [.old, .primary])
        #expect(try item(key) == items[2])
        #expect(try item(old) == oldItem)
        #expect(try storeError { try administration.advance(kind, of: company) } == .noRotation)
        _ = try Routing(rows: mailHost.routing())
    }

    @Test(arguments: KeyKind.allCases)
    func `a step waits for every host's word that it has the last one; a host that was given up is not waited for`(
        kind: KeyKind
    ) throws {
        try acknowledge("mx1.example")
        try acknowledge("mx2.example")
        let before = try mailHost.routingSnapshot()
        _ = try announce(kind)
        func advance() throws -> StoreError? { try storeError { try administration.advance(kind, of: company) } }
        #expect(try advance() == .notDistributed(hosts: ["mx1.example", "mx2.example"]))
        try acknowledge("mx1.example", before)
        #expect(try advance() == .notDistributed(hosts: ["mx1.example", "mx2.example"]))
        try acknowledge("mx1.example")
        #expect(try advance() == .notDistributed(hosts: ["mx2.example"]))
        try acknowledge("mx2.example")
        #expect(try advance() == nil)
        // What they acknowledged is the step before.
        #expect(try advance() == .notDistributed(hosts: ["mx1.example", "mx2.example"]))
        try acknowledge("mx1.example")
        #expect(try administration.revokeHost("mx2.example") == 0)
        #expect(try advance() == nil)
        #expect(try states(kind) == [.old, .primary])
        // Nor does it count when it speaks up again, until it has a new key.
        try acknowledge("mx2.example", before)
        #expect(try administration.mailHosts().first { $0.host == "mx2.example" }?.isGivenUp == true)
        try administration.addHostKey(.random(32), keyID: .random(20), host: "mx2.example")
        #expect(try administration.mailHosts().first { $0.host == "mx2.example" }?.isGivenUp == false)
        #expect(try storeError { try administration.revokeHost("mx9.example") } == .unknownHost("mx9.example"))
    }

    @Test(arguments: KeyKind.allCases)
    func `keys end: not the only one, not while a host may use it, and destroyed ones are a name`(kind: KeyKind) throws
    {
        let first =
            kind == .sealing ? try administration.sealingKeys(of: company)[0].keyID.hex : "1"
        func retire(_ key: String) throws -> StoreError? {
            try storeError { try administration.retire(kind, key: key, of: company) }
        }
        func destroy(_ key: String) throws -> StoreError? {
            try storeError { try administration.destroy(kind, key: key, of: company) }
        }
        #expect(try retire(first) == .keyState(.primary))
        #expect(try destroy(first) == .keyState(.primary))
        #expect(try retire("99") == .unknownKey("99"))
        let cancelled = try announce(kind).name
        #expect(try destroy(cancelled) == .keyState(.next))
        #expect(try retire(cancelled) == nil)
        let second = try announce(kind).name
        _ = try administration.advance(kind, of: company)
        try acknowledge("mx1.example")
        let before = try mailHost.routingSnapshot()
        _ = try administration.advance(kind, of: company)
        try acknowledge("mx1.example", before)
        #expect(try retire(first) == .notDistributed(hosts: ["mx1.example"]))
        try acknowledge("mx1.example")
        #expect(try retire(first) == nil)
        #expect(try retire(first) == .keyState(.retired))
        #expect(try destroy(first) == nil)
        #expect(try destroy(first) == nil, "it may have been interrupted")
        #expect(try retire(first) == .keyState(.destroyed))
        #expect(try states(kind) == [.destroyed, .retired, .primary])
        if kind != .sealing {
            #expect(try administration.secrets(of: company).first { $0.kind == kind }?.key == nil)
        }
        #expect(try retire(second) == .keyState(.primary))
    }

    @Test
    func `an index key that is put to use takes candidates along; those whose profile was shredded or erased stay`()
        throws
    {
        let shredded = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        let profile = try #require(
            try administration.rekeying.profiles(of: company).first { $0.owner == .candidate(shredded) })
        try administration.shred(profile, of: company)
        let erased = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        try database.timeline(of: tenant, .superAdmin).anonymize(erased, company: company, reason: "")
        let index = [UInt8].random(16)
        _ = try announce(.index)
        _ = try administration.advance(.index, of: company)
        _ = try administration.advance(.index, of: company) { key, profiles in
            #expect(key.version == 2)
            #expect(profiles.map(\.binding.subject) == [tenant.candidate.rawValue])
            return profiles.map { Reindexed(profile: $0, index: index) }
        }
        #expect(
            try administration.candidate(emailIndex: index, indexVersion: 2, of: company)?.id == tenant.candidate)
        let left = try administration.dependents(ofIndexVersion: 1, of: company)
        #expect(left.profiles == 1 && left.anonymous == 1)
    }
}
