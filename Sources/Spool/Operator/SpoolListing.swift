public import Core
import Glibc
import System

/// The messages in a spool, for an operator. Read without the spool's lock, whether or not the daemon runs. A plain
/// value.
public struct SpoolListing: Sendable {
    public struct Item: Sendable {
        public let name: String
        /// Nil if the file is damaged.
        public let record: MessageRecord?
        /// Bytes of the file.
        public let size: Int
        /// Bytes of the raw message; nil if the file is damaged.
        public let messageSize: Int?
        /// When the message was complete on this host; nil if not recorded.
        public let spooledAt: Timestamp?
        /// In `delivered/`, the time of delivery.
        public let modifiedAt: Timestamp
        /// The reason for quarantine; nil elsewhere.
        public let reason: String?
    }

    /// Waiting messages, oldest first.
    public let waiting: [Item]
    /// Delivered before the database was replaced; to be delivered again.
    public let redeliver: [Item]
    public let quarantined: [Item]

    public init(directory: String) throws {
        waiting = try Self.items(in: "\(directory)/new")
        redeliver = try Self.items(in: "\(directory)/redeliver")
        quarantined = try Self.items(in: "\(directory)/quarantine")
    }

    /// Delivered messages that are still kept, oldest first.
    public static func delivered(directory: String) throws -> [Item] { try items(in: "\(directory)/delivered") }

    private static func items(in directory: String) throws -> [Item] {
        // The directory is missing until the disk has allowed it to be created.
        guard access(directory, F_OK) == 0 || errno != ENOENT else { return [] }
        return try Spool.messageNames(in: directory).compactMap { name in
            let path = "\(directory)/\(name)"
            var status = stat()
            // Delivered after the directory was read.
            guard lstat(path, &status) == 0 else { return nil }
            let reason = try Self.reason(besides: path)
            let message = try? SpooledMessage(path: path)
            return Item(
                name: name, record: message?.record, size: Int(status.st_size), messageSize: message?.size,
                spooledAt: message?.record.spooledAt, modifiedAt: Timestamp(status.st_mtim), reason: reason)
        }
    }

    /// The messages whose records match, and the areas they are in.
    public static func items(
        directory: String, where isWanted: (MessageRecord) -> Bool
    ) throws -> [(area: Spool.Area, item: Item)] {
        _ = try SpoolError.wrapping(DirectoryNames(directory))
        return try [Spool.Area.new, .redeliver, .delivered, .quarantine].flatMap { area in
            try items(in: "\(directory)/\(area.rawValue)").filter { $0.record.map(isWanted) ?? false }
                .map { (area, $0) }
        }
    }

    /// The reason beside a message in quarantine.
    static func reason(besides path: String) throws(SpoolError) -> String? {
        do {
            guard let file = try FileDescriptor.spooled(path + ".reason") else { return nil }
            let bytes = try SpoolError.wrapping(file.readToEnd(limit: 4096))
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").joined(separator: " ")
        } catch  where error.isGone {
            return nil  // Released meanwhile.
        }
    }

    /// Requests delivery now from the daemon that owns the spool. Returns false if none is running.
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
