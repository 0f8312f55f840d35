public import Core

/// Storing messages.
extension IngestSession {
    /// Stores messages and records in one transaction and returns the outcome of each, in their order. Entries may have
    /// been stored before.
    ///
    /// Throws `DatabaseError`, or the error of an entry's `readTail`; nothing is stored then. A permanent error is caused
    /// by one entry: ingest them one by one to find it.
    ///
    /// `meanwhile` is called at most once, while the database works on the last call.
    public func ingest(_ entries: [IngestEntry], meanwhile: () -> Void = {}) throws -> [Outcome] {
        _ = connection.takeWarning()
        let outcomes =
            entries.reduce(0) { $0 + $1.tailLength } <= IngestBatch.partLength
            ? try ingestAtOnce(entries, meanwhile) : try ingestInParts(entries, meanwhile)
        // A commit whose wait for the standby was cancelled succeeds with a warning. Ingested again, it waits.
        if let warning = connection.takeWarning() {
            throw DatabaseError(message: "the commit is not known to be durable: \(warning)")
        }
        return outcomes
    }

    /// One call, which is its own transaction.
    private func ingestAtOnce(_ entries: [IngestEntry], _ meanwhile: () -> Void) throws -> [Outcome] {
        var outcomes = [Outcome?](repeating: nil, count: entries.count)
        var batch = IngestBatch()
        let order = Self.lockOrder(entries)
        for index in order { try batch.append(entries[index]) }
        for (index, outcome) in zip(order, try send(batch, meanwhile)) { outcomes[index] = outcome }
        return outcomes.map { $0! }
    }

    /// As many calls as needed to have at most two parts of a tail in memory.
    private func ingestInParts(_ entries: [IngestEntry], _ meanwhile: () -> Void) throws -> [Outcome] {
        try connection.transaction {
            var outcomes = [Outcome?](repeating: nil, count: entries.count)
            var batch = IngestBatch()
            var waiting: [Int] = []

            func flush(_ meanwhile: () -> Void = {}) throws {
                for (index, outcome) in zip(waiting, try send(batch, meanwhile)) { outcomes[index] = outcome }
                batch = IngestBatch()
                waiting = []
            }

            for index in Self.lockOrder(entries) {
                let entry = entries[index]
                try batch.append(entry)
                waiting.append(index)
                if batch.tailBytes >= IngestBatch.partLength { try flush() }

                guard case .content(let content) = entry.payload, content.tailLength > IngestBatch.partLength else {
                    continue
                }
                // The first part filled the batch, so the outcome is known.
                guard outcomes[index] == .captured else { continue }
                for part in 1...(content.tailLength - 1) / IngestBatch.partLength {
                    var batch = IngestBatch()
                    try batch.append(entry.record, content, part: part)
                    _ = try send(batch)
                }
            }
            try flush(meanwhile)
            return outcomes.map { $0! }
        }
    }

    /// Two hosts that deliver the same mails wait for each other's dedupe keys. In one order, which the database shares,
    /// they cannot deadlock.
    private static func lockOrder(_ entries: [IngestEntry]) -> [Int] {
        let keys = entries.map { entry -> [UInt8] in
            // The database locks a mail's keys in ascending order, whichever of them is the first one.
            entry.record.dedupeKeys.min { $0.lexicographicallyPrecedes($1) } ?? []
        }
        return entries.indices.sorted { one, other in
            let (company, otherCompany) = (entries[one].record.company.rawValue, entries[other].record.company.rawValue)
            guard company == otherCompany else { return company < otherCompany }
            return keys[one] == keys[other] ? one < other : keys[one].lexicographicallyPrecedes(keys[other])
        }
    }

    private func send(_ batch: IngestBatch, _ meanwhile: () -> Void = {}) throws(DatabaseError) -> [Outcome] {
        guard batch.count > 0 else { return [] }
        let outcomes = try connection.query(
            "SELECT lever.ingest(\(batch.parameter(incoming)))", meanwhile: meanwhile
        ).single.decode([String].self)
        return try outcomes.map { name throws(DatabaseError) in
            guard let outcome = Outcome(rawValue: name) else {
                throw DatabaseError(message: "lever.ingest gave an outcome that this program does not know; update it")
            }
            return outcome
        }
    }
}
