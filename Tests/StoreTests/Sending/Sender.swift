import Core

@testable import Store

/// A user who has agreed to sending, with a session of its own and a bare connection for SQL that no program of ours
/// sends.
struct Sender {
    let login: String
    let index: [UInt8]
    let session: ReaderSession
    let connection: Connection
    private let company: CompanyID
    private let keyIDs: [[UInt8]]

    init(_ fixture: StoreFixture, _ role: UserRole = .teamMember) throws {
        try self.init(fixture.database, fixture.tenant.company.id, fixture.administration, role)
    }

    init(
        _ database: StoreDatabase, _ company: CompanyID, _ administration: OwnerSession, _ role: UserRole = .teamMember
    ) throws {
        self.company = company
        index = .random(16)
        login = try database.newUser(of: company, administration, role, emailIndex: index)
        session = try ReaderSession(database.conninfo(user: login))
        try session.optIn(true, company: company)
        connection = try database.connection(user: login)
        try connection.actFor(company)
        keyIDs = try administration.sealingKeys(of: company).map(\.keyID)
    }

    func begin(to candidate: CandidateID, answering entry: EntryID? = nil) throws -> ReaderSession.Beginning {
        try session.beginSending(
            to: candidate, answering: entry, markerDomain: "hire.lever.co", company: company)
    }

    /// Sealed bytes as far as the database can tell, for a raw message of that many bytes.
    func sealed(size: Int = 10) -> SealedMessage {
        SealedMessage(head: .random(50) + Array(keyIDs.joined()), tail: .random(size + 62))
    }

    func put(_ entry: EntryID, size: Int = 10) throws {
        try session.putIntoOutbox(
            entry, sealed(size: size), size: size, keyIDs: keyIDs, signature: .random(70), company: company)
    }

    /// A message in the outbox.
    func waiting(to candidate: CandidateID, answering entry: EntryID? = nil) throws -> ReaderSession.Beginning {
        let begun = try begin(to: candidate, answering: entry)
        try put(begun.entry)
        return begun
    }

    func finish(_ entry: EntryID) throws -> Outcome { try session.finishSending(entry, company: company).0 }

    /// The four calls that each look whether the user may still send, on what the calls before left.
    enum Call: CaseIterable { case take, put, retry, finish }

    /// Does what comes before the call, then what happens meanwhile, then the call.
    func refusal(
        of call: Call, to candidate: CandidateID, answering: EntryID? = nil, after change: () throws -> Void
    ) throws -> StoreError? {
        let marker = "hire.lever.co"
        switch call {
        case .take:
            let entry = try connection.query(
                "SELECT entry FROM lever.begin_send(\(company), \(candidate), \(answering), \(marker))"
            ).single.decode(EntryID.self)
            try change()
            let refusal = try connection.query("SELECT refusal FROM lever.take_send(\(company), \(entry))").single
                .decode(String?.self)
            return refusal.map(StoreError.refused)
        case .put:
            let begun = try begin(to: candidate, answering: answering)
            try change()
            return try storeError { try put(begun.entry) }
        case .retry:
            let begun = try waiting(to: candidate, answering: answering)
            try change()
            return try storeError { try session.takeFromOutbox(begun.entry, company: company) as Any }
        case .finish:
            let begun = try waiting(to: candidate, answering: answering)
            try change()
            return try storeError { try finish(begun.entry) }
        }
    }
}

extension StoreSuite {
    /// How many rows of the company a table has.
    func count(_ table: String) throws -> String {
        try database.query("SELECT count(*) FROM lever.\(table) WHERE company_id = \(company)")
    }

    /// What an entry has in a column.
    func column(_ name: String, of entry: EntryID, in table: String = "message") throws -> String {
        try database.query("SELECT \(name) FROM lever.\(table) WHERE entry_id = '\(entry)'")
    }
}
