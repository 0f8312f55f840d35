import SettingsFile
import Core
import Sealing
import Spool
import Store
import MessageTracing
import System

/// Finds the traces of a message in this host's spool, the database and the logs. A source that cannot be searched is
/// listed with the reason, and the search continues in the others. A value for one search.
struct TraceSearch {
    /// A source that was searched.
    struct Source {
        let name: String
        /// The directory, configuration key or file.
        let place: String
        /// The number of items found; nil if it could not be searched.
        var found: Int?
        /// Why it could not be searched, or not completely.
        var problem: String?

        var text: String {
            let result = [found.map { $0 == 0 ? "nothing" : "\($0) found" }, problem].compactMap(\.self)
            return "\(name) \(place): \(result.joined(separator: "; "))".printable()
        }
    }

    private(set) var sources: [Source] = []
    /// The spool's copy of the routing; nil if it is missing or unreadable.
    private(set) var routing: Routing?
    private(set) var companies: [CompanyID: String] = [:]

    private let settings: Settings
    private let logs: [MailLog]
    /// The name of this host in records.
    let host: String

    init(_ settings: Settings, logs: [MailLog]) {
        self.settings = settings
        self.logs = logs
        host = settings.hostName ?? systemHostName()
        do {
            let rows = try settings.spool.flatMap { spool in
                try SpoolOwner(of: spool).withRights { try RoutingFile(path: "\(spool)/routing").load() }
            }
            routing = try rows.map { try Routing(rows: $0) }
        } catch {
            routing = nil  // The spool is unreadable too, and is listed with the reason.
        }
    }

    // MARK: By queue ID

    mutating func traces(queueID: String) -> [MessageTrace] {
        let spool = spoolItems { $0.queueID == queueID }
        let records = records { log in try log.records(queueID: queueID) }
        let lines = logs.flatMap { logLines(of: [queueID], in: $0) }
        return TraceAssembler(queueID: queueID, lines: lines, spool: spool, records: records, host: host).traces
    }

    // MARK: By Message-ID

    /// Searches spool and database by blind index and the logs by Postfix's lines, and then everything under each queue
    /// ID found.
    mutating func traces(messageID: [UInt8]) -> [MessageTrace] {
        var indices: [CompanyID: [BlindIndex]] = [:]
        var note: String? =
            "not searched by Message-ID: that needs the keys in the spool's copy of the routing, which is missing here"
        if let routing {
            do {
                indices = try messageIDIndices(messageID, routing: routing)
                note = nil
            } catch {
                note = "not searched by Message-ID: \(error)"
            }
        }
        // An unreadable log is listed when its lines are read.
        let logged = Set(logs.flatMap { (try? $0.queueIDs(messageID: messageID)) ?? [] })

        func isMatch(_ record: MessageRecord) -> Bool {
            record.blindMessageID.map { indices[record.company]?.contains($0) ?? false } ?? false
        }
        let spool = spoolItems(note: note) { isMatch($0) || logged.contains($0.queueID) }
        var matches = Set(spool.compactMap(\.item.record).filter(isMatch).map(\.entry))
        let ids = logged.union(spool.map { $0.item.record!.queueID })
        let records = records(note: note) { log in
            let found = try note == nil ? log.records(messageID: indices) : []
            matches.formUnion((found ?? []).map(\.entry))
            let others = try ids.flatMap { try log.records(queueID: $0) }
            return (found ?? []) + others.filter { !(found ?? []).contains($0) }
        }
        let all = ids.union(records.map(\.queueID))
        let lines = logs.flatMap { logLines(of: all, in: $0) }

        let traces = all.sorted().flatMap { id -> [MessageTrace] in
            let book = TraceAssembler(
                queueID: id, lines: lines.filter { $0.queueID == id },
                spool: spool.filter { $0.item.record!.queueID == id }, records: records.filter { $0.queueID == id },
                host: host)
            return book.traces.filter { $0.isOf(messageID, entries: matches) }
        }
        // Postfix logs whole seconds; the order of lines decides within one.
        let lineNumbers = Dictionary(zip(lines.map(\.queueID), 0...)) { first, _ in first }
        func place(_ trace: MessageTrace) -> (Int64, Int) {
            (trace.begin?.milliseconds ?? .max, lineNumbers[trace.queueID] ?? .max)
        }
        return traces.sorted { place($0) < place($1) }
    }

    // MARK: Sources

    private mutating func spoolItems(
        note: String? = nil, where isWanted: (MessageRecord) -> Bool
    ) -> [(area: Spool.Area, item: SpoolListing.Item)] {
        guard let directory = settings.spool else {
            sources.append(Source(name: "spool", place: "-", problem: "'spool' is not set in \(settings.path)"))
            return []
        }
        do {
            let items = try SpoolOwner(of: directory).withRights {
                try SpoolListing.items(directory: directory, where: isWanted)
            }
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
    /// A login that may read the delivery log: the operator's, else the first other one configured.
    var deliveryLog: (key: String, conninfo: String, role: OperatorSession.Role)? {
        let logins: [(String, String?, OperatorSession.Role)] = [
            ("operator_database", operatorDatabase, .operator), ("admin_database", adminDatabase, .administrator),
            ("auditor_database", auditorDatabase, .auditor), ("reader_database", readerDatabase, .reader),
        ]
        return logins.lazy.compactMap { key, conninfo, role in conninfo.map { (key, $0, role) } }.first
    }
}
