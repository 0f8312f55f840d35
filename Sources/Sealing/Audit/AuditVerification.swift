public import Core

/// Verifies a company's whole audit: the chain of rows, the database's own record of the last one, exported heads, and
/// that every thread still belongs to the candidate it was started for, and every message to its thread. One thread.
///
/// BUGS: An attacker who can rewrite every row and the record of the last one is not detected without an exported head;
/// with one, changes to the rows after it are not.
public struct AuditVerification: Sendable {
    /// A row's number and hash.
    public typealias Note = (sequence: Int64, hash: [UInt8])

    public private(set) var chain: AuditChain
    private var faults: [AuditChain.Fault] = []
    private let noted: Note?
    private let heads: [AuditHead]
    private var isNotedRowThere: Bool
    private let threads: Set<ThreadID>
    /// The candidate of each thread, from the row that records its start.
    private var started: [ThreadID: CandidateID] = [:]

    /// `noted`, nil if there was none, and `threads`, those that there are, must be read before the rows: rows that are
    /// added meanwhile only make the chain longer. The heads must be the company's.
    public init(company: CompanyID, noted: Note?, heads: [AuditHead], threads: Set<ThreadID>) {
        precondition(heads.allSatisfy { $0.company == company })
        chain = AuditChain(company: company)
        self.noted = noted
        self.heads = heads
        self.threads = threads
        isNotedRowThere = noted == nil
    }

    /// Appends the next row.
    public mutating func append(_ record: AuditRecord) throws(CryptoError) {
        faults += try chain.append(record)
        if let noted, noted.sequence == record.sequence { isNotedRowThere = noted.hash == record.hash }
        for head in heads where head.sequence == record.sequence && head.hash != record.hash {
            faults.append(.rewritten(sequence: record.sequence))
        }
        if record.action == "thread", let thread = record.thread { started[thread] = record.candidate }
    }

    /// All faults. `note` must be read after the last row: a row and its note are written together, so the note is
    /// never behind the rows. `threads`, the current candidate of each thread, must be read then too. `misplaced` are
    /// messages that are not where they came to.
    public func faults(
        notedAfterwards note: Note?, threads: [ThreadID: CandidateID], misplaced: [EntryID]
    ) -> [AuditChain.Fault] {
        var faults = faults
        if chain.sequence == 0 { faults.append(.empty) }
        let isLast =
            if let note {
                note.sequence > chain.sequence || (note.sequence == chain.sequence && note.hash == chain.hash)
            } else {
                chain.sequence == 0
            }
        if !isNotedRowThere || !isLast { faults.append(.headMismatch(sequence: (note ?? noted)?.sequence ?? 0)) }
        for head in heads where head.sequence > chain.sequence {
            faults.append(.cutShort(sequence: chain.sequence, exported: head.sequence))
        }
        for (thread, candidate) in started where threads[thread] != candidate {
            faults.append(.reassigned(thread: thread, from: candidate))
        }
        faults += self.threads.filter { started[$0] == nil }.map { .unrecorded(thread: $0) }
        faults += misplaced.map { .misplaced(entry: $0) }
        return faults
    }
}
