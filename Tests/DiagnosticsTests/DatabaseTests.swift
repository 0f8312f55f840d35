import Store
import TestSupport
import Testing

@testable import Diagnostics

@Suite struct DatabaseTests {
    @Test(
        arguments: [
            ("/run/postgresql", nil, false, "prefer", .ok), ("localhost", "127.0.0.1", false, "prefer", .ok),
            ("localhost", "::1", false, "disable", .ok), ("db", "192.0.2.1", false, "prefer", .critical),
            ("db", "192.0.2.1", true, "prefer", .warning), ("db", "192.0.2.1", true, "require", .warning),
            ("db", "192.0.2.1", true, "verify-ca", .warning), ("db", "2001:db8::1", true, "verify-full", .ok),
        ] as [(String, String?, Bool, String, Finding.Status)])
    func `a network connection must be encrypted, to a verified server`(
        _ host: String, _ address: String?, _ isEncrypted: Bool, _ sslmode: String, _ status: Finding.Status
    ) {
        let finding = DatabaseCheck.tls(
            .init(host: host, address: address, isEncrypted: isEncrypted, sslmode: sslmode))
        #expect(finding.status == status)
    }

    @Test(
        arguments: [
            (0, 1, .ok), (-4999, 0, .ok), (5000, 0, .warning), (-6000, 2000, .ok), (299_999, 0, .warning),
            (-400_000, 0, .critical),
        ] as [(Int, Int, Finding.Status)])
    func `clock skew counts beyond the round trip`(
        _ ahead: Int, _ uncertainty: Int, _ status: Finding.Status
    ) {
        #expect(ClockCheck.compare(ahead: ahead, uncertainty: uncertainty).status == status)
    }

    @Test(
        arguments: [
            (.init(), nil),
            (.init(unlimited: ["lock_timeout", "statement_timeout"]), "no lock_timeout, no statement_"),
            (.init(liberties: ["temporary tables", "large objects"]), "temporary tables and large objects"),
            (.init(allowsPreparedTransactions: true), "max_prepared_transactions"),
            (.init(notificationQueueUsage: 0.1), nil), (.init(notificationQueueUsage: 0.5), "50 % full"),
        ] as [(DatabaseInspection.Limits, String?)])
    func `what would let one login hold up the others is told`(
        _ limits: DatabaseInspection.Limits, _ text: String?
    ) {
        let findings = DatabaseCheck.limits(limits)
        #expect(findings.count == 1)
        #expect(findings[0].status == (text == nil ? .ok : .warning))
        #expect(findings[0].text.contains(text ?? "no session is without limits"))
    }

    @Test func `every login that the configuration can name is checked`() throws {
        let path = "\(Repository.path)/docs/reference/configuration.md"
        let page = String(decoding: try contents(of: path), as: UTF8.self)
        let keys = Set(
            page.matches(of: #/(?m)^\| `((?:[a-z]+_)?database)` \| (?:lever-milter|leverctl)/#).map {
                String($0.output.1)
            })
        #expect(keys == Set(LoginKey.allCases.map(\.rawValue)))
    }
}
