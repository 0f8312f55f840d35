public import Core
import Glibc
import System

/// What is in a spool, read without its lock: for an operator, while the daemon runs or does not.
public struct SpoolListing: Sendable {
    public struct Item: Sendable {
        public let name: String
        /// Nil for a damaged file.
        public let header: SpoolHeader?
        /// Bytes of the file.
        public let size: Int
        /// Bytes of the raw message, and when it was whole here, as far as the file tells.
        public let messageSize: Int?
        public let spooledAt: Timestamp?
        /// In delivered/, when it was delivered.
        public let modifiedAt: Timestamp
        /// Why it is in quarantine; nil for others.
        public let reason: String?
    }

    /// Waiting messages, oldest first.
    public let waiting: [Item]
    /// Delivered before the database was replaced, and waiting to be delivered again.
    public let redeliver: [Item]
    public let quarantined: [Item]

    public init(directory: String) throws {
        waiting = try Self.items(in: "\(directory)/new")
        redeliver = try Self.items(in: "\(directory)/redeliver")
        quarantined = try Self.items(in: "\(directory)/quarantine")
    }

    /// Delivered messages that are still kept, by acceptance.
    public static func delivered(directory: String) throws -> [Item] { try items(in: "\(directory)/delivered") }

    private static func items(in directory: String) throws -> [Item] {
        // A daemon of an older version made no such directory.
        guard access(directory, F_OK) == 0 || errno != ENOENT else { return [] }
        return try Spool.messageNames(in: directory).compactMap { name in
            let path = "\(directory)/\(name)"
            var status = stat()
            // Delivered since the directory was read.
            guard stat(path, &status) == 0 else { return nil }
            let reason = try Self.reason(besides: path)
            let message = try? SpooledMessage(path: path)
            return Item(
                name: name, header: message?.header, size: Int(status.st_size), messageSize: message?.size,
                spooledAt: message?.seal.spooledAt, modifiedAt: Timestamp(status.st_mtim), reason: reason)
        }
    }

    /// Those with such a header, and the areas they are in.
    public static func items(
        directory: String, where isWanted: (SpoolHeader) -> Bool
    ) throws -> [(area: Spool.Area, item: Item)] {
        _ = try SpoolError.wrapping(DirectoryNames(directory))
        return try [Spool.Area.new, .redeliver, .delivered, .quarantine].flatMap { area in
            try items(in: "\(directory)/\(area.rawValue)").filter { $0.header.map(isWanted) ?? false }
                .map { (area, $0) }
        }
    }

    /// The line that stands beside a message in quarantine.
    static func reason(besides path: String) throws(SpoolError) -> String? {
        do {
            return try SpoolError.wrapping(contents(ofFile: path + ".reason")).map {
                String(decoding: $0, as: UTF8.self).split(separator: "\n").joined(separator: " ")
            }
        } catch  where error.isGone {
            return nil  // Released since we looked.
        }
    }

    /// Asks the daemon that owns the spool to deliver now. False where none runs.
    public static func requestDelivery(directory: String) throws -> Bool {
        let descriptor = Glibc.open("\(directory)/trigger", O_WRONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENXIO || errno == ENOENT { return false }
            throw SpoolError.system("open", "\(directory)/trigger")
        }
        defer { close(descriptor) }
        let sent = withUnsafeBytes(of: Trigger.deliverNow) { Glibc.write(descriptor, $0.baseAddress!, 1) }
        guard sent == 1 || errno == EAGAIN else { throw SpoolError.system("write", "\(directory)/trigger") }
        return true
    }
}

extension Timestamp {
    init(_ time: timespec) {
        self.init(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
