import ArgumentParser
import Core
import Spool

/// Finds the messages of a spool that arguments name, by entry id or queue id.
struct QueueSelection {
    let spool: SpoolAccess
    /// The areas that the command works on.
    let areas: [Spool.Area]

    /// The argument names no message that the command can work on; says why.
    struct NotFound: Error, CustomStringConvertible {
        let description: String
    }

    static let everywhere: [Spool.Area] = [.new, .redeliver, .quarantine, .delivered]

    /// The one message that the argument names, in each area where it is. Throws `NotFound`.
    func places(of word: String) throws -> [SpoolAccess.SpoolLocation] {
        let here = try find(word, in: areas)
        let entries = Set(here.map(\.name)).sorted()
        guard entries.count <= 1 else {
            throw NotFound(
                description: "\(word.printable()) is the queue id of \(entries.count) messages; name one by its entry: "
                    + entries.joined(separator: ", ").printable())
        }
        if !here.isEmpty { return here }
        let elsewhere = try find(word, in: Self.everywhere.filter { !areas.contains($0) })
        throw Self.notFound(word, elsewhere.first?.area)
    }

    private func find(_ word: String, in areas: [Spool.Area]) throws -> [SpoolAccess.SpoolLocation] {
        let named = spool.find(entry: word, in: areas)
        return try named.isEmpty ? spool.find(queueID: word, in: areas) : named
    }

    /// Says where the message is instead; `area` is nil if it is nowhere.
    static func notFound(_ word: String, _ area: Spool.Area?) -> NotFound {
        let word = word.printable()
        return switch area {
        case .delivered: NotFound(description: "\(word) was delivered already; the database has it")
        case .quarantine: NotFound(description: "\(word) is in quarantine already")
        case .new, .redeliver, .tmp:
            NotFound(
                description:
                    "\(word) is not in quarantine: it waits for delivery; 'leverctl queue flush' delivers it now")
        case nil:
            NotFound(
                description: "\(word) is not in the spool: it never was, or it was delivered and is no longer kept")
        }
    }
}

extension Spool.Area {
    /// The state that `queue list` shows.
    var state: String {
        switch self {
        case .tmp: "arriving"
        case .new: "waiting"
        case .redeliver: "redeliver"
        case .quarantine: "quarantine"
        case .delivered: "delivered"
        }
    }
}
