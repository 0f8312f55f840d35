import Core
import Glibc
import Gzip
import System

/// A log that has lines about messages. Read as a stream, since it may be large.
public enum MailLog: Hashable, Sendable, CustomStringConvertible {
    /// Compressed by gzip if its name ends in .gz.
    case file(String)
    /// systemd's, of lever-milter and of everything that logs as mail.
    case journal

    public var description: String {
        switch self {
        case .file(let path): path
        case .journal: "journal"
        }
    }

    /// It could not be read: one line that says why.
    public struct Unreadable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Debian's: the journal, else the current file and the previous one.
    public static var usual: [MailLog] {
        if ["/var/log/journal", "/run/log/journal"].contains(where: { access($0 as String, F_OK) == 0 }),
            ["/usr/bin/journalctl", "/bin/journalctl"].contains(where: { access($0 as String, X_OK) == 0 })
        {
            return [.journal]
        }
        let before = "/var/log/mail.log.1"
        return (access(before, F_OK) == 0 ? [.file(before)] : []) + [.file("/var/log/mail.log")]
    }

    /// Every line about one of these messages.
    public func lines(of queueIDs: Set<String>) throws -> [MailLogLine] {
        var lines: [MailLogLine] = []
        try forEachLine(holding: Array(queueIDs)) { line in
            if let line = MailLogLine(line), queueIDs.contains(line.queueID) { lines.append(line) }
        }
        return lines
    }

    /// The queue IDs under which Postfix saw messages with this Message-ID, which is given without brackets.
    public func queueIDs(messageID: [UInt8]) throws -> Set<String> {
        var ids: Set<String> = []
        try forEachLine(holding: [String(decoding: messageID, as: UTF8.self)]) { line in
            if let line = MailLogLine(line), case .postfix(let event) = line.content, event.isMessage(messageID) {
                ids.insert(line.queueID)
            }
        }
        return ids
    }

    private func forEachLine(holding texts: [String], _ body: (String) -> Void) throws {
        switch self {
        case .file(let path):
            let file = try Self.readable { () throws(SystemError) in try FileDescriptor(path, O_RDONLY) }
            guard path.hasSuffix(".gz") else {
                return try LogLines.forEach(holding: texts, body) { buffer in
                    try Self.readable { () throws(SystemError) in try file.read(into: buffer) }
                }
            }
            do {
                let reader = try GzipReader(file.number, path: path)
                try LogLines.forEach(holding: texts, body) { try reader.read(into: $0) }
            } catch GzipReader.Failure.system(let error) {
                throw Unreadable(description: error.reason)
            } catch GzipReader.Failure.damaged {
                throw Unreadable(description: "it is not compressed by gzip, or damaged")
            }
        case .journal:
            // Each line once: `+` is or.
            let arguments = [
                "journalctl", "-q", "--no-pager", "-o", "short-iso-precise", "_SYSTEMD_UNIT=lever-milter.service", "+",
                "SYSLOG_IDENTIFIER=lever-milter", "+", "SYSLOG_FACILITY=2",
            ]
            let program = try Self.readable { () throws(SystemError) in try ProgramOutput(arguments) }
            try LogLines.forEach(holding: texts, body) { buffer in
                try Self.readable { () throws(SystemError) in try program.read(into: buffer) }
            }
            guard program.succeeded() else { throw Unreadable(description: "journalctl failed") }
        }
    }

    private static func readable<Value: ~Copyable>(
        _ body: () throws(SystemError) -> Value
    ) throws(Unreadable) -> Value {
        do {
            return try body()
        } catch {
            throw Unreadable(description: error.reason)
        }
    }
}

extension PostfixEvent {
    /// Whether it says that the message has this Message-ID, given without brackets.
    func isMessage(_ messageID: [UInt8]) -> Bool {
        guard case .messageID(let text) = self else { return false }
        return MessageIDList.ids(in: [Array(text.utf8)[...]]).first == messageID || Array(text.utf8) == messageID
    }
}
