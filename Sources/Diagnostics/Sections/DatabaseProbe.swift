import Core
import Foundation
import Store

/// What one login of the configuration finds of its database. All that blocks happens here; what it means is decided
/// elsewhere, on values.
struct DatabaseProbe: Sendable {
    enum Outcome: Sendable {
        /// One line.
        case unreachable(String)
        case reached(Facts)
    }

    enum SchemaState: Hashable, Sendable {
        case version(Int)
        case missing
        /// This login may not know.
        case hidden
    }

    struct Facts: Sendable {
        let transport: DatabaseInspection.Transport
        let login: DatabaseInspection.Login
        let server: DatabaseInspection.Server
        let schema: SchemaState
        /// What a role shows; nil where the login is not a member of one that does, or the schema is another.
        var routing: [Routing.Row]?
        var hostKeys: [(host: String, key: MailHostRecord.Key)]?
        var hosts: [MailHostRecord]?
        var companies: [DatabaseInspection.CompanyKeys]?
    }

    let key: LoginKey
    let outcome: Outcome

    /// Seconds for one login, look-up of names included.
    private static let limit = 10.0

    var facts: Facts? {
        if case .reached(let facts) = outcome { facts } else { nil }
    }

    /// Looks with all logins at once.
    static func all(_ logins: [(key: LoginKey, conninfo: String)]) -> [DatabaseProbe] {
        let found = TimeLimit.run(
            limit, logins.map { login in { @Sendable in DatabaseProbe(key: login.key, outcome: look(login)) } })
        return zip(logins, found).map { login, probe in
            probe
                ?? DatabaseProbe(
                    key: login.key, outcome: .unreachable("no answer within \(Int(limit)) s, name look-up included"))
        }
    }

    private static func look(_ login: (key: LoginKey, conninfo: String)) -> Outcome {
        do {
            let database = try DatabaseInspection(login.conninfo)
            var facts = Facts(
                transport: database.transport, login: try database.login(), server: try database.server(),
                schema: try schema(database, login.key))
            guard facts.schema == .version(Schema.version), facts.login.isMember(of: login.key.role) else {
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
            // The daemon works as its login does.
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
}
