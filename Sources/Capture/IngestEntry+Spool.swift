public import Spool
public import Store

extension IngestEntry {
    /// A message of the spool; its tail is read from there part by part.
    public init(_ message: SpooledMessage) {
        self.init(
            message.record,
            .content(
                Content(head: message.head, tailLength: message.tailLength, readTail: { try message.readTail($0) })))
    }
}
