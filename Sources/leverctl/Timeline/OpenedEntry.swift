import Core
import MIME
import Sealing
import Store
import Unsealing

/// A message of a timeline, opened with the reader's keys, or the reason why it does not open.
struct OpenedEntry {
    let entry: TimelineEntry
    /// Nil for a removed message, which has no content.
    let raw: Result<[UInt8], any Error>?
    /// Nil where there is nothing to check.
    let origin: OriginCheck?

    /// Opens it, with an audit row before.
    init(
        _ entry: TimelineEntry, in timeline: ReaderSession, keys: KeyRing, _ purpose: ReaderSession.Purpose,
        hostKeys: [[UInt8]: (host: String, key: MailHostRecord.Key)]
    ) throws {
        self.entry = entry
        guard entry.removedAt == nil else {
            (raw, origin) = (nil, nil)
            return
        }
        let opening: ReaderSession.Opening
        do {
            opening = try timeline.open(entry: entry.entry, company: entry.company, purpose)
        } catch let error as StoreError {
            (raw, origin) = (.failure(error), nil)
            return
        }
        do {
            raw = .success(try keys.open(opening.sealed, expecting: entry.binding))
        } catch {
            try timeline.reportFailure(of: opening, reason: error.auditReason)
            raw = .failure(error)
        }
        origin = try OriginCheck(entry, tail: opening.sealed.tail, keys: hostKeys)
    }

    var message: Message? {
        (try? raw?.get()).map(Message.init(raw:))
    }

    /// Why it does not open; nil if it does, or was removed.
    var problem: String? {
        if case .failure(let error) = raw { "\(error)" } else { nil }
    }
}
