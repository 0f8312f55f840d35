public import Core

/// Checks the rows of a company's audit one after the other: numbers without gaps, each hash that of its row and the row
/// before. Holds one row's worth of memory. For one thread.
public struct AuditChain: Sendable {
    /// What is wrong, and where.
    public enum Fault: Hashable, Sendable, CustomStringConvertible {
        /// There is no row at all, and every chain has one from the company's first day.
        case empty
        /// The row with this number is not there.
        case missing(sequence: Int64)
        /// A row of another company.
        case foreign(sequence: Int64)
        /// The row was changed, or a row before it, with its hash.
        case changed(sequence: Int64)
        /// Rows are missing at the end, or the database's own note of the last row was changed.
        case headMismatch(sequence: Int64)
        /// The chain is consistent in itself, but another one than the exported head was taken of.
        case rewritten(sequence: Int64)
        /// A thread is not the candidate's that it was started for: its messages show on the wrong timeline.
        case reassigned(thread: ThreadID, from: CandidateID)
        /// The chain ends before the exported head.
        case cutShort(sequence: Int64, exported: Int64)

        public var description: String {
            switch self {
            case .empty: "the audit is empty, and was not"
            case .missing(let sequence): "row \(sequence) is missing, or another one stands in its place"
            case .foreign(let sequence): "row \(sequence) is another company's"
            case .changed(let sequence): "row \(sequence) was changed"
            case .headMismatch(let sequence): "the chain does not end in row \(sequence) as the database says"
            case .rewritten(let sequence):
                "the chain was rewritten: row \(sequence) is not the one of the exported head"
            case .reassigned(let thread, let candidate):
                "thread \(thread) was started for candidate \(candidate), and is not that candidate's now"
            case .cutShort(let sequence, let exported):
                "the chain ends in row \(sequence), and the exported head is of row \(exported)"
            }
        }
    }

    public let company: CompanyID
    /// The last row that was appended; 0 before the first.
    public private(set) var sequence: Int64 = 0
    /// Its hash.
    public private(set) var hash = [UInt8](repeating: 0, count: SHA256.length)

    public init(company: CompanyID) {
        self.company = company
    }

    /// Takes the next row. Returns what is wrong with it, and goes on from what it says.
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
