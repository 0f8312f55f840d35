import MIME
import Reading
import Store

/// Opens messages of a timeline one after the other, and gives those that are wanted to whatever shows them. The audit
/// has a row of each that is opened, whether it is shown or not.
struct MessageReader {
    private let session: ReaderSession
    private let keys: KeyRing
    private let purpose: ReaderSession.Purpose
    private let hostKeys: [[UInt8]: (host: String, key: MailHostRecord.Key)]
    private let reading: ReadingContext
    private let search: TextSearch?
    /// How many were shown.
    private(set) var count = 0
    /// Some did not open.
    private(set) var failed = false

    /// - Parameter search: Only what has this is shown.
    init(
        _ session: ReaderSession, _ keys: KeyRing, _ purpose: ReaderSession.Purpose, _ reading: ReadingContext,
        search: TextSearch?
    ) throws {
        (self.session, self.keys, self.purpose, self.reading) = (session, keys, purpose, reading)
        self.search = search
        hostKeys = try session.hostKeys()
    }

    /// A message that does not open is reported, and shown unless something is searched for.
    mutating func read(_ entries: [TimelineEntry], _ show: (OpenedEntry) throws -> Void) throws {
        var (count, failed) = (count, failed)
        defer { (self.count, self.failed) = (count, failed) }
        try session.open(entries, keys: keys, purpose, hostKeys: hostKeys) { opened in
            if let problem = opened.problem {
                failed = true
                printError("leverctl: message \(opened.entry.entry): \(problem)")
            }
            if let search {
                guard let message = opened.message(reading), search.isIn(message, reading) else { return }
            }
            count += 1
            try show(opened)
        }
    }
}
