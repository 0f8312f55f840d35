import Core
import MailText
import Store
import Unsealing

/// A message of a timeline, opened with the reader's key, or the reason why it does not open.
struct OpenedEntry {
    let entry: TimelineEntry
    let raw: Result<[UInt8], any Error>

    init(_ entry: TimelineEntry, in timeline: Timeline, key: PrivateKey) throws {
        self.entry = entry
        do {
            let sealed = try timeline.sealed(entry: entry.entry, company: entry.company)
            raw = .success(try Opener.open(sealed, with: key, expecting: entry.binding))
        } catch let error as DatabaseError {
            // The database went away: that is not this message's fault.
            throw error
        } catch {
            raw = .failure(error)
        }
    }

    var message: Message? {
        (try? raw.get()).map(Message.init(raw:))
    }

    /// Why it does not open; nil if it does.
    var problem: String? {
        if case .failure(let error) = raw { "\(error)" } else { nil }
    }
}
