import TestSupport

/// Compares what senders saw accepted with what is stored: reads every timeline and opens every message.
struct Verdict: Sendable {
    /// Messages accepted, by kind; each counts once, however often it was sent.
    var accepted: [Mail.Kind: Int] = [:]
    /// Marked, accepted, and on its timeline.
    var captured = 0
    /// Marked, accepted, and not stored.
    var lost: [Int] = []
    /// More than once on timelines.
    var doubled: [Int] = []
    /// Stored though it must not be: no marker, an invalid one, or broken off before its end.
    var wronglyStored: [Int] = []
    /// On another timeline than its own.
    var misfiled: [Int] = []
    /// Stored with another size than it was sent with, not opened, or not signed by the host.
    var damaged: [String] = []
    /// Stored, though the sender gave up before it heard so. Not a failure.
    var storedAndGivenUp = 0
    /// Accepted and marked, but the delivery log has no row for that queue ID.
    var withoutRecord: [String] = []
    /// Entries that no timeline shows.
    var hidden = 0
    var duplicates = 0

    init(site: Site, ledger: Ledger.Content) throws {
        var seen: [Int: [(company: Int, thread: Int)]] = [:]
        var total = 0
        for (company, tenant) in site.companies.enumerated() {
            for (thread, started) in tenant.threads.enumerated() {
                for stored in try site.timeline(tenant, started) {
                    total += 1
                    guard let subject = stored.subject, let number = Mail.number(inSubject: subject) else {
                        damaged.append("does not open: \(stored.error ?? "no subject")")
                        continue
                    }
                    seen[number, default: []].append((company, thread))
                    guard let entry = ledger.entries[number] else {
                        damaged.append("message \(number) was never sent")
                        continue
                    }
                    if entry.size != stored.size {
                        damaged.append("message \(number) has \(stored.size) bytes and was sent with \(entry.size)")
                    }
                    if stored.origin != "verified" {
                        damaged.append("message \(number) is \(stored.origin ?? "unsigned")")
                    }
                }
            }
        }
        hidden = try site.storedCount() - total

        let outcomes = try site.outcomes()
        for (number, entry) in ledger.entries.sorted(by: { $0.key < $1.key }) {
            let places = seen[number] ?? []
            if !entry.accepted.isEmpty { accepted[entry.kind, default: 0] += 1 }
            if places.count > 1 { doubled.append(number) }
            guard let own = entry.place else {
                if !places.isEmpty { wronglyStored.append(number) }
                continue
            }
            if places.contains(where: { $0 != own }) { misfiled.append(number) }
            if entry.accepted.isEmpty {
                if !places.isEmpty { storedAndGivenUp += 1 }
                continue
            }
            if places.isEmpty { lost.append(number) } else { captured += 1 }
            for queueID in entry.accepted {
                let outcome = outcomes[queueID] ?? []
                if outcome.isDisjoint(with: ["captured", "duplicate"]) { withoutRecord.append(queueID) }
            }
        }
        duplicates = outcomes.values.count { $0.contains("duplicate") }
    }

    /// The counts that must be zero.
    var faults: [String] {
        func fault(_ what: String, _ list: [some Any]) -> String? {
            list.isEmpty ? nil : "\(what): \(list.count), the first \(list.prefix(5))"
        }
        return [
            fault("LOST", lost), fault("DOUBLED", doubled), fault("STORED THOUGH NOT MARKED", wronglyStored),
            fault("ON ANOTHER TIMELINE", misfiled), fault("DAMAGED", damaged),
            fault("WITHOUT A DELIVERY RECORD", withoutRecord),
            hidden == 0 ? nil : "STORED BUT ON NO TIMELINE: \(hidden)",
        ].compactMap { $0 }
    }
}
