public import Core

/// Checks a company's audit as a whole: the chain of its rows, the database's own note of the last one, and heads that
/// were exported; and that threads are still the candidates' they were started for. For one thread.
///
/// BUGS: whoever can rewrite every row and the note goes unseen without an exported head, and with one in the rows after
/// it.
public struct AuditVerification: Sendable {
    /// A row's number and hash.
    public typealias Note = (sequence: Int64, hash: [UInt8])

    public private(set) var chain: AuditChain
    private var faults: [AuditChain.Fault] = []
    private let noted: Note?
    private let heads: [AuditHead]
    private var isNotedRowThere: Bool
    /// The threads that the rows tell of.
    private var started: [ThreadID: CandidateID] = [:]

    /// `noted` was read before the rows: those that come meanwhile are more than it says, never less. Nil if there was
    /// none. The heads are the company's.
    public init(company: CompanyID, noted: Note?, heads: [AuditHead]) {
        precondition(heads.allSatisfy { $0.company == company })
        chain = AuditChain(company: company)
        self.noted = noted
        self.heads = heads
        isNotedRowThere = noted == nil
    }

    /// Takes the next row.
    public mutating func append(_ record: AuditRecord) throws(CryptoError) {
        faults += try chain.append(record)
        if let noted, noted.sequence == record.sequence { isNotedRowThere = noted.hash == record.hash }
        for head in heads where head.sequence == record.sequence && head.hash != record.hash {
            faults.append(.rewritten(sequence: record.sequence))
        }
        if record.action == "thread", let thread = record.thread { started[thread] = record.candidate }
    }

    /// Everything that is wrong. `note` was read after the last row: a row is written together with its note, so there is
    /// none that it does not reach. `threads` were read then too: whose each of them is.
    public func faults(notedAfterwards note: Note?, threads: [ThreadID: CandidateID]) -> [AuditChain.Fault] {
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
        return faults
    }
}
