import ArgumentParser
import Store

/// What the shell offers for an argument: values of the database that the login of the settings may list, or nothing.
extension CompletionKind {
    static var companies: CompletionKind { values { Array(try $0.session().companies().values).sorted() } }

    /// Ids alone: names are sealed.
    static var candidates: CompletionKind {
        values { request in try request.inCompany { try $0.candidates(of: $1, request.prefix) } }
    }

    static var messages: CompletionKind {
        values { request in try request.inCompany { try $0.messages(of: $1, request.prefix) } }
    }

    /// Messages that were not sent.
    static var outbox: CompletionKind { values { try $0.inCompany { try $0.outbox(of: $1) } } }

    static var threads: CompletionKind {
        values { request in try request.inCompany { try $0.threads(of: $1, request.prefix) } }
    }

    /// Logins of users.
    static var users: CompletionKind { values { try $0.inCompany { try $0.logins(of: $1, granted: false) } } }

    /// Logins that work for a company without being users of it.
    static var services: CompletionKind { values { try $0.inCompany { try $0.logins(of: $1, granted: true) } } }

    /// Of the kind that the command line names, else sealing keys.
    static var keys: CompletionKind {
        values { request in
            let kind = request.value(of: "--kind").flatMap(KeyKind.init(rawValue:)) ?? .sealing
            return try request.inCompany { try $0.keys(kind, of: $1) }
        }
    }

    static var hosts: CompletionKind { values { try $0.session().hosts() } }

    /// Messages of this host's spool.
    static var spool: CompletionKind { values { try $0.spooledMessages() } }

    /// A key press must never fail, wait or write: what goes wrong offers nothing.
    private static func values(_ list: @escaping @Sendable (CompletionRequest) throws -> [String]) -> CompletionKind {
        .custom { words, _, prefix in
            TimeLimit.start(seconds: 2)
            let values = (try? list(CompletionRequest(words: words, prefix: prefix))) ?? []
            return values.filter { $0.hasPrefix(prefix) && isPlain($0) }
        }
    }

    /// Bash expands what it is offered (`compgen -W`), so that a name in the database could run a command. What is not
    /// plain is typed by hand.
    private static func isPlain(_ value: String) -> Bool {
        value.unicodeScalars.allSatisfy {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) || " ._-+@/".unicodeScalars.contains($0)
        }
            && !value.isEmpty && value.printable() == value
    }
}
