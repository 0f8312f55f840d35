public import Core

/// Checks the rows of a company's audit in order: sequence numbers without gaps, and each hash computed from its row
/// and the hash before. Holds one row at a time. One thread.
public struct AuditChain: Sendable {
    /// A fault in the audit, and where it is.
    public enum Fault: Hashable, Sendable, CustomStringConvertible {
        /// There are no rows. Every chain has one from the day the company was created.
        case empty
        /// The row with this number is missing.
        case missing(sequence: Int64)
        /// A row of another company.
        case foreign(sequence: Int64)
        /// This row, or one before it together with its hash, was changed.
        case changed(sequence: Int64)
        /// Rows are missing at the end, or the database's own record of the last row was changed.
        case headMismatch(sequence: Int64)
        /// The chain is consistent, but is not the one that the head was exported from.
        case rewritten(sequence: Int64)
        /// A thread no longer belongs to the candidate that it was started for: its messages show on the wrong
        /// timeline.
        case reassigned(thread: ThreadID, from: CandidateID)
        /// No row tells whom this thread was started for.
        case unrecorded(thread: ThreadID)
        /// A message is in another thread than it came for, or on another candidate's timeline than its thread.
        case misplaced(entry: EntryID)
        /// The chain ends before the exported head.
        case cutShort(sequence: Int64, exported: Int64)

        public var description: String {
            switch self {
            case .empty: "the audit is empty; it had rows from the company's first day on"
            case .missing(let sequence): "row \(sequence) is missing or was replaced"
            case .foreign(let sequence): "row \(sequence) belongs to another company"
            case .changed(let sequence): "row \(sequence) was changed"
            case .headMismatch(let sequence):
                "the chain does not end in row \(sequence), which the database records as its last"
            case .rewritten(let sequence):
                "the chain was rewritten: row \(sequence) is not the one of the exported head"
            case .reassigned(let thread, let candidate):
                "thread \(thread) was started for candidate \(candidate) and now belongs to another"
            case .unrecorded(let thread):
                "thread \(thread) has no row that says whom it was started for"
            case .misplaced(let entry):
                "message \(entry) is not in the thread that it came for, or not with its thread's candidate"
            case .cutShort(let sequence, let exported):
                "the chain ends in row \(sequence), but the exported head is of row \(exported)"
            }
        }
    }

    public let company: CompanyID
    /// Sequence number of the last appended row; 0 before the first.
    public private(set) var sequence: Int64 = 0
    /// Its hash.
    public private(set) var hash = [UInt8](repeating: 0, count: SHA256.length)

    public init(company: CompanyID) {
        self.company = company
    }

    /// Appends the next row and returns its faults. Continues from that row's own number and hash.
    public mutating func append(_ record: AuditRecord) throws(CryptoError) -> [Fault] {
        var faults: [Fault] = []
        if record.company != company { faults.append(.foreign(sequence: record.sequence)) }
        if record.sequence != sequence + 1 { faults.append(.missing(sequence: sequence + 1)) }
        if try SHA256.digest(of: record.hashedBytes(previous: hash)) != record.hash, faults.isEmpty {
            faults.append(.changed(sequence: record.sequence))
        }
        sequence = record.sequence
        hash = record.hash
        return faults
    }
}
