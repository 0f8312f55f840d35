import Core
import Glibc

/// Where lines about messages are found. Read as a stream, since it may be large.
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

    /// It could not be read. One line that says why.
    public struct Unreadable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Where Debian has it: the journal, else the file and the one before it.
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
        let file: UnsafeMutablePointer<FILE>?
        let isCommand: Bool
        switch self {
        case .file(let path) where !path.hasSuffix(".gz"):
            (file, isCommand) = (fopen(path, "re"), false)
        case .file(let path):
            guard access(path, R_OK) == 0 else { throw Self.systemError() }
            let quoted = path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
            (file, isCommand) = (popen("exec gzip -dc -- '\(quoted)' 2>/dev/null", "r"), true)
        case .journal:
            // Each line once: `+` is or.
            let command =
                "exec journalctl -q --no-pager -o short-iso-precise "
                + "_SYSTEMD_UNIT=lever-milter.service + SYSLOG_IDENTIFIER=lever-milter + SYSLOG_FACILITY=2 2>/dev/null"
            (file, isCommand) = (popen(command, "r"), true)
        }
        guard let file else { throw Self.systemError() }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while case let length = getline(&line, &capacity, file), length > 0 {
            guard texts.contains(where: { strstr(line!, $0) != nil }) else { continue }
            let bytes = UnsafeRawBufferPointer(start: line!, count: length)
            body(String(decoding: bytes.last == 10 ? bytes.dropLast() : bytes[...], as: UTF8.self))
        }
        let failed = ferror(file) != 0 ? Self.systemError() : nil
        let status = isCommand ? pclose(file) : fclose(file)
        if let failed { throw failed }
        guard status == 0 else {
            throw Unreadable(
                description: self == .journal ? "journalctl failed" : "gzip cannot read it; is it what its name says?")
        }
    }

    private static func systemError() -> Unreadable { Unreadable(description: String(cString: strerror(errno))) }
}

extension PostfixEvent {
    /// Whether it says that the message has this Message-ID, given without brackets.
    func isMessage(_ messageID: [UInt8]) -> Bool {
        guard case .messageID(let text) = self else { return false }
        return MessageIDList.ids(in: [Array(text.utf8)[...]]).first == messageID || Array(text.utf8) == messageID
    }
}
