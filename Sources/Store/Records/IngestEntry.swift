public import Core

/// A message, or the record of one that is not stored, on its way to the database.
public struct IngestEntry {
    public var record: MessageRecord
    public var payload: Payload

    public enum Payload {
        /// To be stored.
        case content(Content)
        /// Not stored; the delivery log keeps why. Any outcome but `captured`, `duplicate` and `noMarker`.
        case outcome(Outcome)
    }

    /// The sealed message.
    public struct Content {
        public var head: [UInt8]
        /// Bytes of the tail.
        public var tailLength: Int
        /// Reads a range of the tail. Called on the ingesting thread, in order, never for more than 1 MiB.
        public var readTail: (Range<Int>) throws -> [UInt8]

        public init(head: [UInt8], tailLength: Int, readTail: @escaping (Range<Int>) throws -> [UInt8]) {
            self.head = head
            self.tailLength = tailLength
            self.readTail = readTail
        }
    }

    public init(_ record: MessageRecord, _ payload: Payload) {
        self.record = record
        self.payload = payload
    }

    /// Bytes of the tail; 0 without content.
    var tailLength: Int {
        guard case .content(let content) = payload else { return 0 }
        return content.tailLength
    }
}
