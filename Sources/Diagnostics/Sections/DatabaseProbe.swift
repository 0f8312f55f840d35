import Core
import Foundation
import Store

/// What one of the configured logins finds in its database. Everything that blocks happens here; checks judge the
/// results, as plain values.
struct DatabaseProbe: Sendable {
    enum Outcome: Sendable {
        /// One line.
        case unreachable(String)
        case reached(Facts)
    }

    enum SchemaState: Hashable, Sendable {
        case version(Int)
        case missing
        /// This login cannot see it.
        case hidden
    }

    struct Facts: Sendable {
        let transport: DatabaseInspection.Transport
        let login: DatabaseInspection.Login
        let server: DatabaseInspection.Server
        let limits: DatabaseInspection.Limits
        let schema: SchemaState
        /// What the role can see; nil if the login is not a member of a role that can, or the schema has another
        /// version.
        var routing: [Routing.Row]?
        var hostKeys: [(host: String, key: MailHostRecord.Key)]?
        var hosts: [MailHostRecord]?
        var companies: [DatabaseInspection.CompanyKeys]?
    }

    let key: LoginKey
    let outcome: Outcome

    /// Seconds for one login, name look-up included.
    private static let limit = 10.0

    var facts: Facts? {
        if case .reached(let facts) = outcome { facts } else { nil }
    }

    /// Probes with all logins concurrently. `allowInsecure` are keys that may name a server which proves nothing.
    static func all(_ logins: [(key: LoginKey, conninfo: String)], allowInsecure: Set<LoginKey>) -> [DatabaseProbe] {
        let found = TimeLimit.run(
            limit,
            logins.map { login in
                { @Sendable in
                    DatabaseProbe(key: login.key, outcome: look(login, allowInsecure.contains(login.key)))
                }
            })
        return zip(logins, found).map { login, probe in
            probe
                ?? DatabaseProbe(
                    key: login.key, outcome: .unreachable("no answer within \(Int(limit)) s, including name look-up"))
        }
    }

    private static func look(_ login: (key: LoginKey, conninfo: String), _ allowInsecure: Bool) -> Outcome {
        do {
            if !allowInsecure { try UnverifiedServer.check(login.conninfo) }
            let database = try DatabaseInspection(login.conninfo, isMailHost: login.key == .database)
            var facts = Facts(
                transport: database.transport, login: try database.login(), server: try database.server(),
                limits: try database.limits(),
                schema: try schema(database, login.key))
            guard facts.schema == .version(Schema.version), facts.login.canWork(as: login.key) else {
                return .reached(facts)
            }
            switch login.key {
            case .database: facts.routing = try database.routing()
            case .admin:
                facts.hostKeys = try database.hostKeys()
                facts.hosts = try database.mailHosts()
                facts.companies = try database.companies()
            case .reader, .auditor: facts.hostKeys = try database.hostKeys()
            case .rekey, .retention, .operator: break
            }
            return .reached(facts)
        } catch {
            return .unreachable("\(error)")
        }
    }

    private static func schema(_ database: DatabaseInspection, _ key: LoginKey) throws -> SchemaState {
        do {
            // The daemon does not change its role either.
            if key != .database { try database.assume(key.role) }
            return try database.schemaVersion().map(SchemaState.version) ?? .hidden
        } catch StoreError.notInstalled {
            return .missing
        } catch StoreError.notMember {
            return .hidden
        }
    }
}

extension DatabaseInspection.Login {
    func isMember(of role: String) -> Bool { groups.contains(role) }

    /// Whether the login has the rights that its key is for. The daemon does not change its role.
    func canWork(as key: LoginKey) -> Bool {
        (key == .database ? inheritedGroups : assumableGroups).contains(key.role)
    }
}
