import SettingsFile
import Core
import Sealing
import Spool
import Store
import MessageTracing
import System

/// Looks for a message in every place that may know of it. What can't be asked is told with the reason, and the others go
/// on without it.
struct TraceSearch {
    /// A place that was looked at.
    struct Source {
        let name: String
        /// Which spool, database or file.
        let place: String
        /// How much was found there; nil where it could not be asked.
        var found: Int?
        /// Why it could not, or what it could not tell.
        var problem: String?

        var text: String {
            let result = [found.map { $0 == 0 ? "nothing" : "\($0) found" }, problem].compactMap(\.self)
            return "\(name) \(place): \(result.joined(separator: "; "))".printable()
        }
    }

    private(set) var sources: [Source] = []
    /// From the spool's copy; nil where that could not be had.
    private(set) var routing: Routing?
    private(set) var companies: [CompanyID: String] = [:]

    private let settings: Settings
    private let logs: [MailLog]
    /// What this host is called.
    let host: String

    init(_ settings: Settings, logs: [MailLog]) {
        self.settings = settings
        self.logs = logs
        host = settings.hostName ?? systemHostName()
        do {
            routing = try settings.spool.flatMap { try RoutingFile(path: "\($0)/routing").load() }
                .map { try Routing(rows: $0) }
        } catch {
            routing = nil  // The spool can't be read either, and says why.
        }
    }

    // MARK: By queue ID

    mutating func stories(queueID: String) -> [MessageTrace] {
        let spool = spoolItems { $0.queueID == queueID }
        let records = records { log in try log.records(queueID: queueID) }
        let lines = logs.flatMap { logLines(of: [queueID], in: $0) }
        return TraceAssembler(queueID: queueID, lines: lines, spool: spool, records: records, host: host).stories
    }

    // MARK: By Message-ID

    /// By its blind index in the spool and the database, by Postfix's lines in the log; and under each queue ID that is
    /// found so, everything that is known of it.
    mutating func stories(messageID: [UInt8]) -> [MessageTrace] {
        var indices: [CompanyID: [BlindIndex]] = [:]
        var note: String? = "not searched by Message-ID, since no spool here has a copy of routing, which has the keys"
        if let routing {
            do {
                indices = try messageIDIndices(messageID, routing: routing)
                note = nil
            } catch {
                note = "not searched by Message-ID: \(error)"
            }
        }
        // What cannot be read is told when it is read for its lines.
        let logged = Set(logs.flatMap { (try? $0.queueIDs(messageID: messageID)) ?? [] })

        func isMatch(_ header: SpoolHeader) -> Bool {
            header.blindMessageID.map { indices[header.company]?.contains($0) ?? false } ?? false
        }
        let spool = spoolItems(note: note) { isMatch($0) || logged.contains($0.queueID) }
        var matches = Set(spool.compactMap(\.item.header).filter(isMatch).map(\.entry))
        let ids = logged.union(spool.map { $0.item.header!.queueID })
        let records = records(note: note) { log in
            let found = try note == nil ? log.records(messageID: indices) : []
            matches.formUnion((found ?? []).map(\.entry))
            let others = try ids.flatMap { try log.records(queueID: $0) }
            return (found ?? []) + others.filter { !(found ?? []).contains($0) }
        }
        let all = ids.union(records.map(\.queueID))
        let lines = logs.flatMap { logLines(of: all, in: $0) }

        let stories = all.sorted().flatMap { id -> [MessageTrace] in
            let book = TraceAssembler(
                queueID: id, lines: lines.filter { $0.queueID == id },
                spool: spool.filter { $0.item.header!.queueID == id }, records: records.filter { $0.queueID == id },
                host: host)
            return book.stories.filter { $0.isOf(messageID, entries: matches) }
        }
        // Postfix logs whole seconds: within one, the order of the lines tells.
        let lineNumbers = Dictionary(zip(lines.map(\.queueID), 0...)) { first, _ in first }
        func place(_ story: MessageTrace) -> (Int64, Int) {
            (story.begin?.milliseconds ?? .max, lineNumbers[story.queueID] ?? .max)
        }
        return stories.sorted { place($0) < place($1) }
    }

    // MARK: The places

    private mutating func spoolItems(
        note: String? = nil, where isWanted: (SpoolHeader) -> Bool
    ) -> [(area: Spool.Area, item: SpoolListing.Item)] {
        guard let directory = settings.spool else {
            sources.append(Source(name: "spool", place: "-", problem: "'spool' is not set in \(settings.path)"))
            return []
        }
        do {
            let items = try SpoolListing.items(directory: directory, where: isWanted)
            sources.append(Source(name: "spool", place: directory, found: items.count, problem: note))
            return items
        } catch {
            sources.append(Source(name: "spool", place: directory, problem: "\(error)"))
            return []
        }
    }

    private mutating func records(
        note: String? = nil, _ ask: (OperatorSession) throws -> [DeliveryRecord]
    ) -> [DeliveryRecord] {
        guard let (key, conninfo, role) = settings.deliveryLog else {
            sources.append(
                Source(
                    name: "database", place: "-",
                    problem:
                        "'operator_database' is not set in \(settings.path), and no other login there may read the "
                        + "delivery log"))
            return []
        }
        do {
            let log = try OperatorSession(conninfo, as: role)
            companies = try log.companies()
            let records = try ask(log)
            sources.append(Source(name: "database", place: key, found: records.count, problem: note))
            return records
        } catch {
            sources.append(Source(name: "database", place: key, problem: "\(error)"))
            return []
        }
    }

    private mutating func logLines(of ids: Set<String>, in log: MailLog) -> [MailLogLine] {
        do {
            let lines = try log.lines(of: ids)
            sources.append(Source(name: "log", place: "\(log)", found: lines.count))
            return lines
        } catch {
            sources.append(Source(name: "log", place: "\(log)", problem: "\(error)"))
            return []
        }
    }
}

extension Settings {
    /// The login that may read the delivery log: the operator's, else whichever there is.
    var deliveryLog: (key: String, conninfo: String, role: OperatorSession.Role)? {
        let logins: [(String, String?, OperatorSession.Role)] = [
            ("operator_database", operatorDatabase, .operator), ("admin_database", adminDatabase, .administrator),
            ("auditor_database", auditorDatabase, .auditor), ("reader_database", readerDatabase, .reader),
        ]
        return logins.lazy.compactMap { key, conninfo, role in conninfo.map { (key, $0, role) } }.first
    }
}
