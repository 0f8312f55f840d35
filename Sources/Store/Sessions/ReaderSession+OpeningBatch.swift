import Core

/// Opening many messages by a few statements, however many they are.
extension ReaderSession {
    /// The sealed messages of entries of one company, in their order and in memory together; nothing bounds them here.
    /// The audit records each request, and those that are refused or incomplete fail. At most 1,000 entries.
    ///
    /// Throws `DatabaseError`, also for all of them if a thread becomes secret meanwhile.
    public func open(_ entries: [TimelineEntry], _ purpose: Purpose) throws -> [Result<Opening, StoreError>] {
        guard let company = entries.first?.company else { return [] }
        precondition(entries.count <= 1000 && entries.allSatisfy { $0.company == company })
        // A large message is read part by part, and not copied whole.
        guard entries.count > 1 else { return [try openAlone(entries[0], purpose)] }

        try connection.actFor(company)
        // A statement of its own: it is committed when it returns.
        let answers = try connection.query(
            """
            SELECT ticket, refusal FROM lever.request_openings(
                \(company), \(entries.map(\.entry)), \(purpose.action.rawValue), \(purpose.reason))
            """
        ).decode((Int64?, String?).self)
        precondition(answers.count == entries.count, "\(answers.count) answers for \(entries.count) requests")
        let heads = Dictionary(
            uniqueKeysWithValues: try connection.query(
                "SELECT ticket, head FROM lever.take_heads(\(company), \(answers.compactMap(\.0)))"
            ).decode((Int64, [UInt8]?).self))
        var tails = try tails(of: zip(entries, answers).filter { $1.0 != nil }.map(\.0.entry), company: company)

        return zip(entries, answers).map { entry, answer in
            guard let ticket = answer.0 else { return .failure(.refused(answer.1 ?? "no ticket")) }
            guard let head = heads[ticket] ?? nil else { return .failure(.shredded(entry.entry)) }
            let tail = tails.removeValue(forKey: entry.entry) ?? []
            guard tail.count >= entry.tailSize else { return .failure(.incomplete(entry.entry)) }
            return .success(Opening(sealed: SealedMessage(head: head, tail: tail), company: company, ticket: ticket))
        }
    }

    private func openAlone(_ entry: TimelineEntry, _ purpose: Purpose) throws -> Result<Opening, StoreError> {
        do {
            return .success(try open(entry: entry.entry, company: entry.company, purpose))
        } catch let error as StoreError {
            return .failure(error)
        }
    }

    /// What there is of each tail, up to the first part that is missing.
    private func tails(of entries: [EntryID], company: CompanyID) throws(DatabaseError) -> [EntryID: [UInt8]] {
        guard !entries.isEmpty else { return [:] }
        let rows = try connection.query(
            """
            SELECT entry_id, part, bytes FROM lever.message_part
            WHERE company_id = \(company) AND entry_id = ANY (\(entries))
            """)
        var parts: [EntryID: [Int32: [UInt8]]] = [:]
        for (entry, part, bytes) in rows.decode((EntryID, Int32, [UInt8]).self) {
            parts[entry, default: [:]][part] = bytes
        }
        return parts.mapValues { parts in
            if parts.count == 1, let only = parts[0] { return only }
            var tail: [UInt8] = []
            while let next = parts[Int32(tail.count / IngestBatch.partLength)], tail.count % IngestBatch.partLength == 0
            {
                tail += next
            }
            return tail
        }
    }
}
