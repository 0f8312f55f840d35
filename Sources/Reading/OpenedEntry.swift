// Reading: opens, verifies and presents what the database holds for a reader: profiles, messages and who stored them.
// Begin with a `KeyRing` and a `ReaderSession`. It may use Store, Unsealing and MIME; it neither prints nor parses
// arguments, so that every reading program can use it.

public import MIME
import Sealing
public import Store
import Unsealing

/// An entry of a timeline, opened with the reader's keys; or the reason why it does not open. A plain value that holds
/// the whole message.
public struct OpenedEntry {
    public let entry: TimelineEntry
    /// The raw message. Nil for a removed message, whose content is gone.
    public let raw: Result<[UInt8], any Error>?
    /// Who stored it. Nil if the message was removed, or the database gave nothing out to check.
    public let origin: OriginCheck?

    init(_ entry: TimelineEntry, raw: Result<[UInt8], any Error>?, origin: OriginCheck?) {
        self.entry = entry
        self.raw = raw
        self.origin = origin
    }

    /// Opens the entry, after the audit has a row of it. What is refused, incomplete or does not open becomes
    /// `problem`; only `DatabaseError` and `CryptoError` are thrown.
    ///
    /// `hostKeys` are those of `ReaderSession.hostKeys()`.
    public init(
        _ entry: TimelineEntry, in session: ReaderSession, keys: KeyRing, _ purpose: ReaderSession.Purpose,
        hostKeys: [[UInt8]: (host: String, key: MailHostRecord.Key)]
    ) throws {
        let opening = entry.removedAt == nil ? try session.open([entry], purpose)[0] : nil
        try self.init(entry, opening, in: session, keys: keys, hostKeys: hostKeys)
    }

    /// Opens what the database gave out for the entry: nothing for a removed one.
    init(
        _ entry: TimelineEntry, _ opening: Result<ReaderSession.Opening, StoreError>?, in session: ReaderSession,
        keys: KeyRing, hostKeys: [[UInt8]: (host: String, key: MailHostRecord.Key)]
    ) throws {
        self.entry = entry
        switch opening {
        case nil: (raw, origin) = (nil, nil)
        case .failure(let error): (raw, origin) = (.failure(error), nil)
        case .success(let opening):
            do throws(OpeningError) {
                raw = .success(try keys.open(opening.sealed, expecting: entry.binding))
            } catch {
                try session.reportFailure(of: opening, reason: error.auditReason)
                raw = .failure(error)
            }
            origin = try OriginCheck(entry, tail: opening.sealed.tail, keys: hostKeys)
        }
    }

    /// The message as a person reads it, parsed at each call. Nil if it does not open or was removed.
    public var message: Message? { message(ReadingContext()) }

    /// The same for one reader. Certificates of signers must have been valid when the message was accepted, whatever the
    /// context says.
    public func message(_ context: ReadingContext) -> Message? {
        var context = context
        context.receivedAt = Int(entry.acceptedAt.milliseconds / 1000)
        return (try? raw?.get()).map { Message(raw: $0, context) }
    }

    /// Why it does not open, in one line. Nil if it opens, or was removed.
    public var problem: String? {
        if case .failure(let error) = raw { "\(error)" } else { nil }
    }

    /// The raw message as an entry of an mbox file. Nil if it does not open or was removed.
    public var mboxrd: [UInt8]? {
        (try? raw?.get()).map { Mboxrd.entry($0, receivedAt: entry.acceptedAt) }
    }
}
