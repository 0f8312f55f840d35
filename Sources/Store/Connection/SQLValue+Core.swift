import Core

extension CompanyID: SQLValue {}
extension ThreadID: SQLValue {}
extension CandidateID: SQLValue {}

extension Authentication: SQLValue {}
extension CaptureMode: SQLValue {}
extension Direction: SQLValue {}
extension MarkerField: SQLValue {}
extension MessageLabel: SQLValue {}
extension Outcome: SQLValue {}
extension SyncLevel: SQLValue {}
extension UnsignedMarkerPolicy: SQLValue {}

extension MailProvider: SQLValue {
    /// A database from before the first release has `office365`.
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> MailProvider? {
        String.decode(bytes).flatMap(MailProvider.init(word:))
    }
}

extension EntryID: SQLValue {
    static var sqlType: SQLType { .uuid }
    var sqlBytes: [UInt8]? { bytes }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> EntryID? {
        bytes.flatMap { EntryID(bytes: Array($0)) }
    }
}

/// PostgreSQL counts microseconds from 2000-01-01T00:00:00Z.
extension Timestamp: SQLValue {
    private static let millisecondsTo2000: Int64 = 946_684_800_000

    static var sqlType: SQLType { .timestamp }
    var sqlBytes: [UInt8]? { ((milliseconds - Self.millisecondsTo2000) * 1000).sqlBytes }
    static func decode(_ bytes: UnsafeRawBufferPointer?) -> Timestamp? {
        Int64.decode(bytes).map { Timestamp(milliseconds: $0 / 1000 + millisecondsTo2000) }
    }
}
