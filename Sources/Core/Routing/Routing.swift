/// How far a company lets its applicant tracking system into its mail. Only `limited` is this filter's business.
public enum SyncLevel: String, CaseIterable, Sendable {
    /// The filter captures replies of the company's threads.
    case limited
    /// The product reads mailboxes itself; the filter leaves this company's mail alone.
    case full
    /// Nothing is captured.
    case off
}

/// What becomes of a message whose marker an outside system made, without a signature of ours.
public enum UnsignedMarkerPolicy: String, CaseIterable, Sendable {
    case refuse
    /// Taken where the correspondent outside is a candidate of the company.
    case known
}

/// Who runs a company's mailboxes, or a user's.
public enum MailProvider: String, CaseIterable, Sendable {
    case google, microsoft
    /// On the company's premises.
    case exchange

    /// In any case, and by the name that Microsoft's service had before the first release.
    public init?(word: String) {
        let word = word.lowercased()
        self.init(rawValue: word == "office365" ? Self.microsoft.rawValue : word)
    }
}

/// All that the filter must know to decide about a message: companies, their domains and keys. Immutable; a change in
/// the database makes a new one, which replaces the old one whole.
public struct Routing: Sendable {
    /// One fact about one company, as the database's routing view and the snapshot on disk give it.
    public struct Row: Hashable, Sendable {
        public enum Item: String, CaseIterable, Sendable {
            /// `name` is the sync level.
            case company
            /// `name` is the domain.
            case domain
            /// `value` is the public key (SubjectPublicKeyInfo, DER).
            case sealingKey = "sealing_key"
            /// `version` is the key id in markers, `value` the HMAC key.
            case markerKey = "marker_key"
            /// `version` is the key's version, `value` the HMAC key. The one that new indices are made with.
            case indexKey = "index_key"
            /// As `indexKey`: live as well, before it is put to use or after. A mail has a dedupe key under each.
            case furtherIndexKey = "further_index_key"
            /// `name` is a domain whose mail is never captured.
            case neverDomain = "never_domain"
            /// `value` is the index of an address whose mail is never captured, `version` that of the index key.
            case neverAddress = "never_address"
            /// `name` is the capture mode. A company without one stores.
            case capture
            /// `name` is the address that mail is forwarded to.
            case forward
            /// The company's outgoing mail is stamped.
            case stamp
            /// `name` is what becomes of unsigned markers. A company without one refuses them.
            case unsignedMarkers = "unsigned_markers"
            /// `name` is the set of characters that begin an address extension. A company without one knows none.
            case recipientDelimiter = "recipient_delimiter"
            /// `value` is the number of a thread whose marker counts no more, 8 bytes, big-endian.
            case withdrawnThread = "withdrawn_thread"
        }

        public var company: CompanyID
        public var item: Item
        public var name: String
        public var version: UInt8
        public var value: [UInt8]

        public init(company: CompanyID, item: Item, name: String = "", version: UInt8 = 0, value: [UInt8] = []) {
            self.company = company
            self.item = item
            self.name = name
            self.version = version
            self.value = value
        }
    }

    /// An HMAC key and the version that stored values name it by.
    public struct IndexKey: Hashable, Sendable {
        public let version: UInt8
        public let key: [UInt8]

        public init(version: UInt8, key: [UInt8]) {
            self.version = version
            self.key = key
        }
    }

    /// A reference, of which a hundred thousand take little memory, and which costs little to hand on.
    public final class Company: @unchecked Sendable {  // Written only before the table that has it is there.
        public let id: CompanyID
        public fileprivate(set) var sync: SyncLevel
        public fileprivate(set) var domains: Set<String> = []
        /// Public keys (SubjectPublicKeyInfo, DER) that each message is sealed to.
        public fileprivate(set) var sealingKeys: [[UInt8]] = []
        /// HMAC keys by the key id in a marker.
        public fileprivate(set) var markerKeys: [UInt8: [UInt8]] = [:]
        public fileprivate(set) var indexKey: IndexKey?
        public fileprivate(set) var furtherIndexKeys: [IndexKey] = []
        /// In lower case.
        public fileprivate(set) var neverDomains: Set<String> = []
        /// Blind indices by the version of the index key.
        public fileprivate(set) var neverAddresses: [UInt8: Set<[UInt8]>] = [:]
        public fileprivate(set) var capture = CaptureMode.store
        /// Where mail is forwarded to, in a mode that forwards. At no domain of any company.
        public fileprivate(set) var forwardAddress: String?
        /// Outgoing messages with X-Lever-Thread get its marker into References.
        public fileprivate(set) var stamps = false
        public fileprivate(set) var unsignedMarkers = UnsignedMarkerPolicy.refuse
        /// What begins an extension in addresses of its own domains.
        public fileprivate(set) var recipientDelimiters: RecipientDelimiters?
        /// Threads whose marker was withdrawn.
        public fileprivate(set) var withdrawnThreads: Set<ThreadID> = []

        /// The address that mail to this one is delivered to: without its extension, if it is at a domain of the
        /// company and the company's mail servers know extensions.
        public func base(_ address: Address) -> Address {
            guard let recipientDelimiters, address.isAt(domains) else { return address }
            return recipientDelimiters.base(of: address)
        }

        /// Live ones, the one in use first.
        public var indexKeys: [IndexKey] { [indexKey].compactMap(\.self) + furtherIndexKeys }

        fileprivate init(id: CompanyID, sync: SyncLevel) {
            self.id = id
            self.sync = sync
        }
    }

    /// A snapshot that no version of ours would write.
    public struct Invalid: Error, CustomStringConvertible {
        public let description: String
    }

    private let companiesByID: [CompanyID: Company]
    private let companiesByDomain: [String: CompanyID]

    /// No company at all: nothing is captured.
    public static let empty = Routing()

    private init() {
        companiesByID = [:]
        companiesByDomain = [:]
    }

    /// Rows may come in any order.
    public init(rows: some Collection<Row>) throws(Invalid) {
        var companies: [CompanyID: Company] = [:]
        var owners: [String: CompanyID] = [:]
        for row in rows where row.item == .company {
            guard let sync = SyncLevel(rawValue: row.name) else {
                throw Invalid(description: "company \(row.company) has the unknown sync level '\(row.name)'")
            }
            companies[row.company] = Company(id: row.company, sync: sync)
        }
        for row in rows {
            guard companies[row.company] != nil else {
                throw Invalid(description: "a \(row.item.rawValue) names the unknown company \(row.company)")
            }
            switch row.item {
            case .company: break
            case .domain:
                let domain = row.name.lowercased()
                if let other = owners.updateValue(row.company, forKey: domain), other != row.company {
                    throw Invalid(description: "companies \(other) and \(row.company) both have the domain \(domain)")
                }
                companies[row.company]!.domains.insert(domain)
            case .sealingKey: companies[row.company]!.sealingKeys.append(row.value)
            case .markerKey: companies[row.company]!.markerKeys[row.version] = row.value
            case .indexKey:
                companies[row.company]!.indexKey = IndexKey(version: row.version, key: row.value)
            case .furtherIndexKey:
                companies[row.company]!.furtherIndexKeys.append(IndexKey(version: row.version, key: row.value))
            case .neverDomain: companies[row.company]!.neverDomains.insert(row.name.lowercased())
            case .neverAddress:
                companies[row.company]!.neverAddresses[row.version, default: []].insert(row.value)
            case .capture:
                guard let mode = CaptureMode(rawValue: row.name) else {
                    throw Invalid(description: "company \(row.company) has the unknown capture mode '\(row.name)'")
                }
                companies[row.company]!.capture = mode
            case .forward: companies[row.company]!.forwardAddress = row.name
            case .stamp: companies[row.company]!.stamps = true
            case .unsignedMarkers:
                guard let policy = UnsignedMarkerPolicy(rawValue: row.name) else {
                    throw Invalid(
                        description: "company \(row.company) has the unknown policy '\(row.name)' for unsigned markers")
                }
                companies[row.company]!.unsignedMarkers = policy
            case .recipientDelimiter:
                guard let delimiters = RecipientDelimiters(row.name) else {
                    throw Invalid(description: "company \(row.company) has a recipient delimiter that can be none")
                }
                companies[row.company]!.recipientDelimiters = delimiters
            case .withdrawnThread:
                guard row.value.count == 8 else {
                    throw Invalid(description: "company \(row.company) withdraws what is no thread")
                }
                let number = row.value.reduce(0) { $0 << 8 | UInt64($1) }
                companies[row.company]!.withdrawnThreads.insert(ThreadID(rawValue: Int64(bitPattern: number)))
            }
        }
        for company in companies.values where company.capture.forwards {
            // Mail that is to be forwarded must not pass as if it were not.
            guard let address = company.forwardAddress.map(Address.init(path:)) else {
                throw Invalid(description: "company \(company.id) forwards, and has no address to forward to")
            }
            if let domain = address.domain, owners[domain] != nil {
                throw Invalid(description: "company \(company.id) forwards to a domain of a company")
            }
        }
        companiesByID = companies
        companiesByDomain = owners
    }

    public var count: Int { companiesByID.count }

    /// Every one, by the number.
    public var companies: [Company] { companiesByID.values.sorted { $0.id.rawValue < $1.id.rawValue } }

    public subscript(id: CompanyID) -> Company? { companiesByID[id] }

    /// The company that has the domain, which is given in lower case.
    public func company(domain: String) -> Company? {
        companiesByDomain[domain].flatMap { companiesByID[$0] }
    }
}
