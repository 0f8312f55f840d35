public import Core
import Mailboxes
public import Reading
public import Replay
public import Sealing
public import Store
public import TestSupport
public import Unsealing

/// A company with real keys in a database of its own: what is captured for it opens. It has one candidate,
/// Zoë <zoe@home.example>, and a thread with her.
public struct DatabaseCompany {
    public let database: String
    public let owner: OwnerSession
    public let company: CompanyRecord
    public let key: PrivateKey
    public let candidate: CandidateID
    public let thread: ThreadID
    /// The thread's marker as a message id, with angle brackets.
    public let marker: String
    public let directory: TemporaryDirectory
    private let postgres: PostgresInstance

    public static let markerDomain = "hire.lever.co"
    public static let domain = "acme.example"

    /// One PostgreSQL for the tests of a target.
    private static let shared = Result {
        let postgres = try PostgresInstance()
        try postgres.createDatabase("installed")
        _ = try Schema.install(postgres.connectionString(database: "installed"))
        try postgres.query(
            """
            CREATE ROLE mailhost LOGIN IN ROLE lever_ingest;
            CREATE ROLE administrator LOGIN IN ROLE lever_owner;
            """)
        return postgres
    }

    public init(capture: CaptureMode = .store) throws {
        postgres = try Self.shared.get()
        database = "test_\(UInt64.random(in: 0...UInt64.max))"
        try postgres.createDatabase("\(database) TEMPLATE installed")
        owner = try OwnerSession(postgres.connectionString(database: database, user: "administrator"))
        company = try owner.addCompany(
            name: "Acme", provider: .google, sync: .limited, domains: [Self.domain], capture: capture,
            forwardTo: capture == .forward ? ForwardAddress("replies@hire.lever.co") : nil,
            markerKey: randomBytes(32), indexKey: randomBytes(32))
        key = try PrivateKey.generate()
        try owner.addSealingKey(key.subjectPublicKeyInfo, keyID: key.keyID, to: company.id)
        candidate = try Self.addCandidate(to: company.id, key, owner)
        thread = .random()
        let markerKey = try owner.markerKey(of: company.id)
        marker = try Marker.issue(
            company: company.id, thread: thread, domain: Self.markerDomain, keyID: markerKey.id,
            key: HMACKey(markerKey.key)
        ).messageID
        try owner.startThread(thread, candidate: candidate, company: company.id, markerVersion: markerKey.id)
        directory = try TemporaryDirectory()
    }

    /// A further candidate.
    public func addCandidate(_ email: String) throws -> CandidateID {
        try Self.addCandidate(to: company.id, key, owner, email: email)
    }

    private static func addCandidate(
        to company: CompanyID, _ key: PrivateKey, _ owner: OwnerSession, email: String = "zoe@home.example"
    ) throws -> CandidateID {
        let id = try owner.reserveCandidateID(of: company)
        let now = Timestamp.now()
        let binding = Binding(
            content: .profile, company: company, subject: id.rawValue, entry: .make(at: now), time: now)
        let profile = CandidateProfile(name: "Zoë", email: email)
        let index = try owner.indexKey(of: company)
        try owner.addCandidate(
            SealedMessage(sealing: profile.bytes, binding: binding, recipients: [key.sealingKey]), binding: binding,
            emailIndex: index.addressIndex(Address(path: profile.email)), indexVersion: index.version)
        return id
    }

    public var keys: KeyRing { KeyRing([key]) }

    /// The connection string of the mail host's login.
    public var mailHost: String { conninfo(user: "mailhost") }

    /// The connection string of a login; `administrator` is the administrator's.
    public func conninfo(user: String) -> String { postgres.connectionString(database: database, user: user) }

    /// A session of a new user, and the user's login.
    public func newReader(_ role: UserRole = .superAdmin) throws -> (session: ReaderSession, login: String) {
        let login = "user_\(UInt64.random(in: 0...UInt64.max))"
        try postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader")
        let now = Timestamp.now()
        let binding = Binding(content: .profile, company: company.id, subject: 0, entry: .make(at: now), time: now)
        let address = "\(login)@\(Self.domain)"
        let index = try owner.indexKey(of: company.id)
        try owner.addUser(
            login, role: role,
            address: NewAddress(
                profile: SealedMessage(
                    sealing: CandidateProfile(name: "", email: address).bytes, binding: binding,
                    recipients: [key.sealingKey]),
                binding: binding, indices: [(index.version, index.addressIndex(Address(path: address)))]),
            to: company.id)
        return (try ReaderSession(postgres.connectionString(database: database, user: login)), login)
    }

    /// What the superuser sees: a line for each row, `|` between the columns.
    public func query(_ sql: String) throws -> String { try postgres.query(sql, database: database) }

    // MARK: Mail

    /// A reply of the candidate's in the thread.
    public func reply(_ subject: String, body: String = "Hello") -> String {
        """
        From: Zoë <zoe@home.example>
        To: rita@\(Self.domain)
        Subject: \(subject)
        Date: Tue, 24 Nov 2026 09:30:00 +0000
        Message-ID: <\(UInt64.random(in: 0...UInt64.max))@home.example>
        In-Reply-To: \(marker)

        \(body)

        """
    }

    public func replay(
        sizeLimit: Int = 1 << 20, isDryRun: Bool = false, isInterrupted: @escaping () -> Bool = { false }
    ) throws -> Replay {
        let store = try ReplayStore(mailHost, timeout: 30, isInterrupted: isInterrupted)
        return Replay(
            company: try store.company(Self.domain),
            options: Replay.Options(
                markerDomains: [Self.markerDomain], authservIDs: [], sizeLimit: sizeLimit, host: "mx1.example",
                signingKey: nil, batchLimit: 10, isDryRun: isDryRun),
            store: store)
    }

    /// Gives messages to a replay, the last of which it brings to the database.
    public func take(_ messages: [String], by replay: Replay) throws {
        for message in messages {
            let file = try directory.write("\(UInt64.random(in: 0...UInt64.max)).eml", message)
            guard case .message(let stored) = try MailSource(file).next() else {
                throw HarnessError("\(file) has no message")
            }
            try replay.take(stored)
        }
        try replay.flush()
    }

    /// Captures a message, and returns its entry.
    public func capture(_ message: String) throws -> EntryID {
        let replay = try replay()
        try take([message], by: replay)
        guard replay.summary.outcomes == ["captured": 1] else { throw HarnessError("\(replay.summary.outcomes)") }
        guard let entry = EntryID(try query("SELECT entry_id FROM lever.message ORDER BY stored_at DESC LIMIT 1"))
        else {
            throw HarnessError("no entry")
        }
        return entry
    }
}

extension PrivateKey {
    public var sealingKey: SealingKey {
        get throws { try SealingKey(subjectPublicKeyInfo: subjectPublicKeyInfo) }
    }
}
