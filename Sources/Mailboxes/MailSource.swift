import Core
import Glibc
import System

/// Mail that lies on a disk: a directory of files with one message each, a maildir, or a file of one or many messages.
/// Nothing in it is changed. One message is read at a time, and memory does not grow with it.
public final class MailSource {
    public enum Format: String, CaseIterable, Sendable {
        /// One message a file; of a directory, all files whose names end in `.eml`, `.eml.gz` or Apple Mail's `.emlx`,
        /// those in directories below as well.
        case eml
        /// Many messages in one file, quoted as mboxrd does.
        case mbox
        /// As `mbox`, quoted as mboxo does.
        case mboxo
        /// The directories `cur` and `new` of a maildir, without its folders, which are maildirs themselves.
        case maildir
    }

    public enum Item {
        case message(StoredMessage)
        /// Left out.
        case unreadable(name: String, reason: String)
    }

    public let format: Format
    /// Files of a directory, or bytes of a file, and how many of them are done.
    public let total: Int
    public var position: Int { singleFile?.position ?? done }

    private let path: String
    private var files: ArraySlice<String>
    private var done = 0
    private let singleFile: LineReader?
    private let mbox: Mbox?

    /// Finds out the format, if none is given. Throws where there is no mail of it.
    public init(_ path: String, format wanted: Format? = nil) throws(MailFileError) {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else { throw .system() }
        if status.st_mode & S_IFMT == S_IFDIR {
            let isMaildir = Self.isDirectory("\(path)/cur") && Self.isDirectory("\(path)/new")
            format = wanted ?? (isMaildir ? .maildir : .eml)
            (singleFile, mbox) = (nil, nil)
            switch format {
            case .maildir:
                guard isMaildir else { throw MailFileError("it is no maildir: it has no directories 'cur' and 'new'") }
                files = (try Self.names(in: "\(path)/new") + Self.names(in: "\(path)/cur"))[...]
            case .eml:
                var found: [String] = []
                try Self.findMessages(in: path, depth: 0, &found)
                guard !found.isEmpty else {
                    throw MailFileError(
                        "it has no files whose names end in .eml or .emlx, and no directories 'cur' and 'new'")
                }
                files = found[...]
            case .mbox, .mboxo: throw MailFileError("it is a directory, and an mbox is a file")
            }
            total = files.count
        } else {
            guard wanted != .maildir else { throw MailFileError("it is a file, and a maildir is a directory") }
            let isMbox = if let wanted { wanted != .eml } else { try Mbox.isMbox(path) }
            format = wanted ?? (isMbox ? .mbox : .eml)
            files = isMbox ? [] : [path]
            if isMbox {
                let reader = try LineReader(path, locked: true)
                singleFile = reader
                mbox = try Mbox(reader, path: path, isMboxo: format == .mboxo)
                total = reader.size
            } else {
                (singleFile, mbox) = (nil, nil)
                total = 1
            }
        }
    }

    /// The next message, in the order of files' names or of a file; nil at the end. The one before is over then.
    public func next() -> Item? {
        if let mbox {
            do {
                return try mbox.next().map { .message($0) }
            } catch {
                return hasFailed ? nil : fail("\(error)")
            }
        }
        guard let file = files.popFirst() else { return nil }
        done += 1
        do throws(MailFileError) {
            let reader = try open(file)
            return .message(
                StoredMessage(name: file, storedAt: reader.modified, warning: Self.warning(file)) {
                    () throws(MailFileError) in try reader.next()
                })
        } catch {
            return .unreadable(name: file, reason: "\(error)")
        }
    }

    private var hasFailed = false

    private func fail(_ reason: String) -> Item {
        hasFailed = true
        return .unreadable(name: path, reason: reason)
    }

    /// A mail reader may move a file from `new` to `cur`, and change the flags in its name, while this runs.
    private func open(_ file: String) throws(MailFileError) -> LineReader {
        if format == .maildir, access(file, F_OK) != 0, errno == ENOENT {
            let unique = file.dropFirst(path.utf8.count + 5).prefix { $0 != ":" }
            if let now = try Self.names(in: "\(path)/cur").first(where: {
                $0.dropFirst(path.utf8.count + 5).prefix { $0 != ":" } == unique
            }) {
                return try LineReader(now)
            }
        }
        return try LineReader(file)
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Apple Mail keeps attachments apart from a message that it has not loaded as a whole.
    private static func warning(_ file: String) -> String? {
        file.hasSuffix(".partial.emlx")
            ? "its attachments are not in this file of Apple Mail (.partial.emlx), and are missing on the timeline: "
                + "save the message from Mail as 'Raw Message Source', or replay it from the server's mailbox"
            : nil
    }

    /// Ends of the names of files that are read, and of those that are not mail as it is: they are named, lest somebody
    /// think that they were read.
    private static let messageEnds = [
        ".eml", ".eml.gz", ".emlx", ".msg", ".pst", ".ost", ".olm", ".dbx", ".nsf", ".tnef",
    ]

    private static func findMessages(in directory: String, depth: Int, _ found: inout [String]) throws(MailFileError) {
        let paths = try names(in: directory)
        // Of Apple Mail: files that were attached to the messages in the one beside it.
        let attachments = paths.contains("\(directory)/Messages") ? "\(directory)/Attachments" : nil
        for path in paths where path != attachments {
            let name = path.utf8.suffix(8).map(\.asciiLowercased)
            if messageEnds.contains(where: { name.suffix($0.utf8.count).elementsEqual($0.utf8) }) {
                found.append(path)
            } else if isDirectory(path), depth < 32 {
                try findMessages(in: path, depth: depth + 1, &found)
            }
        }
    }

    /// The paths of a directory's entries without hidden ones, sorted.
    private static func names(in directory: String) throws(MailFileError) -> [String] {
        do throws(SystemError) {
            return try DirectoryNames(directory).sorted().map { "\(directory)/\($0)" }
        } catch {
            throw MailFileError("\(directory): \(error.reason)")
        }
    }
}
