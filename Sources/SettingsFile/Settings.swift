import Glibc
import System

/// The configuration file of lever-milter and leverctl: YAML, one level deep. A key that is not known is an error, so
/// that a misspelt one does not go unnoticed.
public struct Settings: Sendable {
    /// The file that these were read from.
    public let path: String

    /// `socket`: where the daemon listens.
    public private(set) var socket: SocketAddress?
    /// `socket_mode`: permission bits of a `unix:` socket, octal.
    public private(set) var socketMode: UInt32 = 0o660
    /// `metrics`: where the daemon tells Prometheus how it is; nil where nobody is to ask.
    public private(set) var metrics: SocketAddress?
    /// `database`: libpq connection string of the daemon, whose role is lever_ingest.
    public private(set) var database: String?
    /// `admin_database`: libpq connection string of leverctl. Does not belong on a mail host.
    public private(set) var adminDatabase: String?
    /// `reader_database`, `rekey_database`, `retention_database`, `auditor_database`, `operator_database`: leverctl's
    /// connection strings for those who read, re-wrap, erase, audit, and ask what became of messages. No administrator's login does for these.
    public private(set) var readerDatabase: String?
    public private(set) var rekeyDatabase: String?
    public private(set) var retentionDatabase: String?
    public private(set) var auditorDatabase: String?
    public private(set) var operatorDatabase: String?
    /// `signing_key`: file of the Ed25519 key that this mail host signs what it stores with. Where it is a credential, the
    /// file that the service manager makes of it.
    public private(set) var signingKey: String?
    /// `host_name`: what this mail host is called; else the system's name.
    public private(set) var hostName: String?
    /// `spool`: directory of messages that wait for the database.
    public private(set) var spool: String?
    /// `marker_domains`: domains of the message ids that mark a thread, in lower case.
    public private(set) var markerDomains = ["hire.lever.co", "hire.eu.lever.co"]
    /// `authserv_ids`: hosts whose Authentication-Results fields are believed, in lower case.
    public private(set) var authservIDs: [String] = []
    /// `message_size_limit`: the largest message that is captured, in bytes. A larger one passes and is recorded.
    public private(set) var messageSizeLimit = 52_428_800
    /// `session_limit`: connections of Postfix that may bring mail of companies on limited sync at one time.
    public private(set) var sessionLimit = 1000
    /// `in_flight_limit`: bytes of marked messages that may be under way at one time.
    public private(set) var inFlightLimit = 1_073_741_824
    /// `routing_poll_interval`: seconds after which routing is read again even if the database announced no change.
    public private(set) var routingPollInterval = 60
    /// `delivery_batch`: messages that are stored in one transaction at most.
    public private(set) var deliveryBatch = 64
    /// `retry_min`: seconds until the database is tried again for the first time.
    public private(set) var retryMinimum = 1
    /// `retry_max`: seconds that the time between two tries grows to.
    public private(set) var retryMaximum = 300
    /// `database_timeout`: seconds that the daemon waits for an answer of the database before it gives the connection up.
    public private(set) var databaseTimeout = 90
    /// `done_retention`: seconds that delivered messages are kept in the spool, should the database lose them; 0 keeps
    /// none.
    public private(set) var doneRetention = 3600
    /// `done_limit`: bytes that they take up at most.
    public private(set) var doneLimit = 1_073_741_824
    /// `log_level`: one of debug, info, notice, warning, error.
    public private(set) var logLevel = "info"
    /// `log_format`: text, or json.
    public private(set) var logFormat = LogFormat.text
    /// `log_to`: stderr, or syslog.
    public private(set) var logDestination = LogDestination.standardError

    private static let logLevels = ["debug", "info", "notice", "warning", "error"]

    /// Reads a file. Reports each mistake in it with its line.
    public static func load(path: String) throws(ConfigurationError) -> Settings {
        let text: [UInt8]
        do {
            text = try FileDescriptor(path, O_RDONLY).readToEnd()
        } catch {
            let advice = error.action == "open" ? "; give the file's path with --config" : ""
            throw ConfigurationError(path: path, error.reason + advice)
        }
        return try Settings(text, path: path)
    }

    init(_ text: [UInt8], path: String, credentials: CredentialStore = .system) throws(ConfigurationError) {
        self.path = path
        let document: YAMLDocument
        do {
            document = try YAMLDocument(text)
        } catch {
            throw ConfigurationError(path: path, line: error.line, error.problem)
        }
        var seen: Set<String> = []
        for entry in document.entries {
            let value = EntryReader(entry: entry, path: path)
            guard seen.insert(entry.key).inserted else { throw value.error("is given twice; remove one") }
            try set(value, credentials)
        }
        guard retryMinimum <= retryMaximum else {
            throw ConfigurationError(path: path, "'retry_min' is larger than 'retry_max'; swap them")
        }
        guard messageSizeLimit <= inFlightLimit else {
            throw ConfigurationError(
                path: path, "'in_flight_limit' is smaller than 'message_size_limit'; raise it, or lower that one")
        }
    }

    private mutating func set(_ value: EntryReader, _ credentials: CredentialStore) throws(ConfigurationError) {
        switch value.entry.key {
        case "socket":
            socket = try value.address("must be unix:/path, inet:port@host, inet6:port@host or fd:number")
        case "metrics":
            let form =
                "must be unix:/path, inet:port@127.0.0.1 or inet6:port@::1: who may read it is for this host to say"
            let address = try value.address(form)
            guard address.isLocal else { throw value.error(form) }
            metrics = address
        case "socket_mode":
            guard let mode = UInt32(try value.text(), radix: 8), mode <= 0o777 else {
                throw value.error("must be an octal mode such as 0660")
            }
            socketMode = mode
        case "database": database = try value.text()
        case "admin_database": adminDatabase = try value.text()
        case "reader_database": readerDatabase = try value.text()
        case "rekey_database": rekeyDatabase = try value.text()
        case "retention_database": retentionDatabase = try value.text()
        case "auditor_database": auditorDatabase = try value.text()
        case "operator_database": operatorDatabase = try value.text()
        case "signing_key":
            let path = try value.text()
            if path.hasPrefix("credential:") {
                guard let file = credentials.path(of: String(path.dropFirst("credential:".count))) else {
                    throw value.error("must be credential:NAME, with a name that the service manager knows")
                }
                signingKey = file
            } else {
                guard path.hasPrefix("/") else { throw value.error("must be an absolute path, or credential:NAME") }
                signingKey = path
            }
        case "host_name":
            let name = try value.text()
            guard name.utf8.count <= 255, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                throw value.error("must be a name such as mx1.example")
            }
            hostName = name
        case "spool":
            let directory = try value.text()
            guard directory.hasPrefix("/") else { throw value.error("must be an absolute path") }
            spool = directory
        case "marker_domains":
            let domains = try value.list().map { $0.lowercased() }
            guard !domains.isEmpty, domains.allSatisfy(Self.isDomain) else {
                throw value.error("must be a list of domains such as [hire.lever.co]")
            }
            markerDomains = domains
        case "authserv_ids":
            let names = try value.list().map { $0.lowercased() }
            guard names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x3b } })
            else {
                throw value.error("must be a list of names such as [mx.example.com], as they stand first in the fields")
            }
            authservIDs = names
        case "message_size_limit": messageSizeLimit = try value.number(1...1_073_741_824)
        case "session_limit": sessionLimit = try value.number(1...100_000)
        case "in_flight_limit": inFlightLimit = try value.number(1...Int(Int32.max) * 64)
        case "routing_poll_interval": routingPollInterval = try value.number(1...86_400)
        case "delivery_batch": deliveryBatch = try value.number(1...1000)
        case "retry_min": retryMinimum = try value.number(1...3600)
        case "retry_max": retryMaximum = try value.number(1...86_400)
        case "database_timeout": databaseTimeout = try value.number(1...3600)
        case "done_retention": doneRetention = try value.number(0...604_800)
        case "done_limit": doneLimit = try value.number(0...1_099_511_627_776)
        case "log_level":
            let level = try value.text()
            guard Self.logLevels.contains(level) else {
                throw value.error("must be one of \(Self.logLevels.joined(separator: ", "))")
            }
            logLevel = level
        case "log_format": logFormat = try value.choice()
        case "log_to": logDestination = try value.choice()
        default:
            throw value.error("is not a known key; docs/reference/configuration.md lists those that are")
        }
    }

    private static func isDomain(_ text: String) -> Bool {
        text.contains(".")
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                !label.isEmpty
                    && label.utf8.allSatisfy {
                        UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0
                            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-")
                    }
            }
    }

    /// The value of a key that the calling program cannot do without.
    public func require<Value>(_ key: String, _ value: KeyPath<Settings, Value?>) throws(ConfigurationError) -> Value {
        guard let value = self[keyPath: value] else {
            throw ConfigurationError(path: path, "'\(key)' is missing; add it")
        }
        return value
    }
}

/// One entry of the file, read as the type that its key wants.
private struct EntryReader {
    let entry: YAMLDocument.Entry
    let path: String

    func error(_ problem: String) -> ConfigurationError {
        ConfigurationError(path: path, line: entry.line, "'\(entry.key)' \(problem)")
    }

    func text() throws(ConfigurationError) -> String {
        guard case .scalar(let text) = entry.value, !text.isEmpty else { throw error("must have one value") }
        return text
    }

    func list() throws(ConfigurationError) -> [String] {
        switch entry.value {
        case .scalar(let text): [text]
        case .list(let list): list
        }
    }

    func choice<Choice: RawRepresentable<String> & CaseIterable>() throws(ConfigurationError) -> Choice {
        guard let choice = Choice(rawValue: try text()) else {
            throw error("must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return choice
    }

    func address(_ form: String) throws(ConfigurationError) -> SocketAddress {
        guard let address = SocketAddress(try text()) else { throw error(form) }
        if case .unix(let path) = address, path.utf8.count > SocketAddress.pathLimit {
            throw error("is a path longer than \(SocketAddress.pathLimit) bytes; shorten it")
        }
        return address
    }

    func number(_ range: ClosedRange<Int>) throws(ConfigurationError) -> Int {
        guard let number = Int(try text()), range.contains(number) else {
            throw error("must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
