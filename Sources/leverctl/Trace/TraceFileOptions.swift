import ArgumentParser
import Capture
import SettingsFile
import Core
import Inspection
import Spool
import Store
import MessageTracing

/// `leverctl trace --file`: what the filter would decide about a message.
struct TraceFileOptions: ParsableArguments {
    enum RoutingSource: String, CaseIterable, ExpressibleByArgument {
        case spool, database
    }

    @Option(
        help: ArgumentHelp("Show what would be decided about this message; - for standard input.", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(help: ArgumentHelp("Its envelope sender; '' for the null sender.", valueName: "address"))
    var envelopeFrom: String?

    @Option(help: ArgumentHelp("An envelope recipient. Repeat it for more.", valueName: "address"))
    var envelopeTo: [String] = []

    @Option(help: ArgumentHelp("The source of companies and keys.", valueName: "source"))
    var routingFrom: RoutingSource?

    /// Checks the options; `isAlone` if a queue ID or Message-ID was given instead of a file.
    func validate(isAlone: Bool) throws {
        if isAlone, envelopeFrom != nil || !envelopeTo.isEmpty || routingFrom != nil {
            throw ValidationError("--envelope-from, --envelope-to and --routing-from go with --file.")
        }
        if file != nil, envelopeFrom == nil || envelopeTo.isEmpty {
            throw ValidationError(
                "--file needs --envelope-from and --envelope-to: the envelope decides which companies take part.")
        }
    }

    func run(_ settings: Settings, _ shared: SharedOptions) throws {
        let message = MessageFile(try readMessage(file!), messageSizeLimit: settings.messageSizeLimit)
        let envelope = Envelope(
            sender: Address(path: envelopeFrom!), recipients: envelopeTo.map(Address.init(path:)))
        let explanations = try DecisionExplanation.all(
            message, envelope: envelope,
            rules: InspectionContext(
                routing: routing(settings), markerDomains: settings.markerDomains, authservIDs: settings.authservIDs,
                learned: learned(settings)))
        if shared.json {
            try printJSON(ExplanationRecord(explanations))
        } else {
            print(explanations.map(explanationText).joined(separator: "\n\n"))
        }
    }

    private func readMessage(_ path: String) throws -> [UInt8] {
        // Twice the largest message_size_limit: anything larger is a mistake.
        try readFile(path == "-" ? "/dev/stdin" : path, limit: 128 << 20)
    }

    /// The learned threads, from the source of the routing.
    private func learned(_ settings: Settings) throws -> LearnedThreads {
        let learned = LearnedThreads()
        if routingFrom != .database {
            if let spool = settings.spool {
                try SpoolOwner(of: spool).withRights {
                    _ = try learned.take(LearnedThreadsFile(path: "\(spool)/learned"))
                }
            }
        } else if let conninfo = settings.database {
            try learned.take(IngestSession(conninfo, timeout: 30))
        }
        return learned
    }

    private func routing(_ settings: Settings) throws -> Routing {
        if routingFrom != .database {
            let spool = try settings.require("spool", \.spool)
            let path = "\(spool)/routing"
            guard let rows = try SpoolOwner(of: spool).withRights({ try RoutingFile(path: path).load() }) else {
                throw CommandError(
                    "\(path): no such file; the daemon writes it, or give --routing-from database")
            }
            return try Routing(rows: rows)
        }
        if let conninfo = settings.database {
            return try Routing(rows: IngestSession(conninfo, timeout: 30).routing())
        }
        return try Routing(rows: OwnerSession(settings.require("admin_database", \.adminDatabase)).routing())
    }
}
