import ArgumentParser
import Core
import Glibc
import Spool

/// Applies one action to messages of a spool while the daemon may be running. It waits for messages in delivery; a
/// failure is recorded, and the others continue.
struct QueueWork {
    /// The result for one message.
    struct Record: Encodable {
        var entry: String?
        var queueID: String?
        /// The area it was in.
        var state: String?
        /// released, quarantined or deleted; nil on failure.
        var result: String?
        /// Why it failed.
        var error: String?

        var name: String { queueID ?? entry ?? "-" }
    }

    let selection: QueueSelection
    /// The action in the past tense, such as `released`.
    let verb: String
    /// Seconds to wait for a delivery in progress.
    let patience: Int
    let attempt: (SpoolAccess.SpoolLocation) throws -> SpoolAccess.Attempt

    private(set) var records: [Record] = []
    /// Messages that the daemon delivered before their turn came, and no argument named.
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

    /// Works on the messages that the arguments name, or with `ALL` on every message of some areas.
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

    /// A message that the daemon delivers first is not a failure.
    private mutating func run(everyMessageOf areas: [Spool.Area]) throws {
        var waiting: [SpoolAccess.SpoolLocation] = []
        for area in areas { waiting += try selection.spool.messages(in: area) }
        // Try each message once before waiting for any: the daemon would deliver the others meanwhile.
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
                    record.error = "the daemon is delivering it; try again"
                case .moved:
                    guard let word else {
                        overtaken += 1
                        continue
                    }
                    // Delivered meanwhile, for example.
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
                "it is damaged (\(error)) and cannot be delivered; capture the mail from a mailbox with leverctl "
                + "replay, and "
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
        Record(entry: place.name, queueID: selection.spool.record(of: place)?.queueID, state: place.area.state)
    }

    /// Shows all results. Throws if something failed.
    func show(_ shared: SharedOptions, _ summary: String) throws {
        if shared.json {
            try printJSON(records)
        } else {
            for record in records where record.error == nil {
                print("\(record.name): \(verb) (entry \(record.entry ?? "-"), was \(record.state ?? "-"))".printable())
            }
            if overtaken > 0 { print("\(counted(overtaken, "message")) delivered meanwhile.") }
            if !summary.isEmpty, done > 0 { print(summary) }
            if records.isEmpty, overtaken == 0 { print("No messages match.") }
        }
        for record in failures { printError("leverctl: \(record.name): \(record.error!)".printable()) }
        if !failures.isEmpty { throw ExitCode.failure }
    }
}
