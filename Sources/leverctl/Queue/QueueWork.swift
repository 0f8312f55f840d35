import ArgumentParser
import Core
import Glibc
import Spool

/// Does one thing to many messages of a spool, beside the daemon: what is being delivered is waited for, what cannot be
/// done is told, and the others go on.
struct QueueWork {
    /// What became of a message.
    struct Record: Encodable {
        var entry: String?
        var queueID: String?
        /// Where it was.
        var state: String?
        /// released, quarantined, deleted; nil if it was not.
        var result: String?
        /// Why not.
        var error: String?

        var name: String { queueID ?? entry ?? "-" }
    }

    let selection: QueueSelection
    /// Past tense, such as `released`.
    let verb: String
    /// Seconds that a delivery at hand is waited for.
    let patience: Int
    let attempt: (SpoolAccess.SpoolLocation) throws -> SpoolAccess.Attempt

    private(set) var records: [Record] = []
    /// Delivered by the daemon before their turn came, of those that no word named.
    private(set) var overtaken = 0

    init(
        _ selection: QueueSelection, verb: String, patience: Int,
        attempt: @escaping (SpoolAccess.SpoolLocation) throws -> SpoolAccess.Attempt
    ) {
        self.selection = selection
        self.verb = verb
        self.patience = patience
        self.attempt = attempt
    }

    var failures: [Record] { records.filter { $0.error != nil } }
    var done: Int { records.count - failures.count }

    /// The messages that are named; every one of some areas, if that is what is.
    mutating func run(_ words: [String], allOf areas: [Spool.Area]) throws {
        if words == [QueueCommand.all] { try run(everyMessageOf: areas) } else { try run(words) }
    }

    private mutating func run(_ words: [String]) throws {
        for word in words {
            do {
                try work(on: selection.places(of: word), named: word)
            } catch let error as QueueSelection.NotFound {
                records.append(Record(entry: word, error: "\(error)"))
            }
        }
    }

    /// Every message of some areas. Those that the daemon delivers first are no failures.
    private mutating func run(everyMessageOf areas: [Spool.Area]) throws {
        var waiting: [SpoolAccess.SpoolLocation] = []
        for area in areas { waiting += try selection.spool.messages(in: area) }
        // Those at hand are waited for at the end, so that the others do not slip away meanwhile.
        for place in waiting where try attemptOnce(place) == .busy {
            try work(on: [place], named: nil)
        }
    }

    private mutating func attemptOnce(_ place: SpoolAccess.SpoolLocation) throws -> SpoolAccess.Attempt {
        var record = record(of: place)
        do {
            let result = try attempt(place)
            switch result {
            case .done:
                record.result = verb
                records.append(record)
            case .moved: overtaken += 1
            case .busy: break
            }
            return result
        } catch {
            records.append(failed(&record, error))
            return .done
        }
    }

    private mutating func work(on places: [SpoolAccess.SpoolLocation], named word: String?) throws {
        for place in places {
            var record = record(of: place)
            do {
                switch try attemptPatiently(place) {
                case .done: record.result = verb
                case .busy:
                    record.error = "the daemon is delivering it just now; try again"
                case .moved:
                    guard let word else {
                        overtaken += 1
                        continue
                    }
                    // Delivered meanwhile, say.
                    let now = selection.spool.find(entry: place.name, in: QueueSelection.everywhere)
                    record.error = "\(QueueSelection.notFound(word, now.first?.area))"
                }
                records.append(record)
            } catch {
                records.append(failed(&record, error))
            }
        }
    }

    private func failed(_ record: inout Record, _ error: any Error) -> Record {
        switch error {
        case let error as SpooledMessage.Damaged:
            record.error =
                "it is damaged (\(error)) and cannot be delivered; bring the mail from a mailbox with leverctl replay, and "
                + "delete this file with leverctl queue delete"
        default: record.error = "\(error)"
        }
        return record
    }

    private func attemptPatiently(_ place: SpoolAccess.SpoolLocation) throws -> SpoolAccess.Attempt {
        var left = patience * 20
        var result = try attempt(place)
        while case .busy = result, left > 0 {
            usleep(50_000)
            left -= 1
            result = try attempt(place)
        }
        return result
    }

    private func record(of place: SpoolAccess.SpoolLocation) -> Record {
        Record(entry: place.name, queueID: selection.spool.header(of: place)?.queueID, state: place.area.state)
    }

    /// Tells it all; throws if something could not be done.
    func show(_ shared: SharedOptions, _ summary: String) throws {
        if shared.json {
            try printJSON(records)
        } else {
            for record in records where record.error == nil {
                print("\(record.name): \(verb) (entry \(record.entry ?? "-"), was \(record.state ?? "-"))".printable())
            }
            if overtaken > 0 { print("\(counted(overtaken, "message")) delivered meanwhile.") }
            if !summary.isEmpty, done > 0 { print(summary) }
            if records.isEmpty, overtaken == 0 { print("There is none.") }
        }
        for record in failures { printError("leverctl: \(record.name): \(record.error!)".printable()) }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}
