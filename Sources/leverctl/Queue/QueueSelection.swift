import ArgumentParser
import Core
import Spool

/// The messages of a spool that the words of a command line name: each an entry id or a queue id.
struct QueueSelection {
    let spool: SpoolAccess
    /// Where the command finds something to do.
    let areas: [Spool.Area]

    /// One message, in the places of `areas` where it is; for a word that names none of them, why not.
    struct NotFound: Error, CustomStringConvertible {
        let description: String
        /// It was delivered, or is gone since.
        var isOver = false
    }

    static let everywhere: [Spool.Area] = [.new, .redeliver, .quarantine, .delivered]

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

    /// Says where the message is instead.
    static func notFound(_ word: String, _ area: Spool.Area?) -> NotFound {
        let word = word.printable()
        return switch area {
        case .delivered: NotFound(description: "\(word) was delivered already; the database has it", isOver: true)
        case .quarantine: NotFound(description: "\(word) is in quarantine already")
        case .new, .redeliver, .tmp:
            NotFound(
                description: "\(word) is not in quarantine: it waits for delivery; 'leverctl queue flush' delivers now")
        case nil:
            NotFound(
                description: "\(word) is not in the spool: it never was, or it was delivered and is no longer kept",
                isOver: true)
        }
    }
}

extension Spool.Area {
    /// As `queue list` shows it.
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
