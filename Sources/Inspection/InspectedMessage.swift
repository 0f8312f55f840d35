import Core
import Sealing

/// A message that is inspected: its envelope and header, and what decisions read of them. Each fact is read when it is
/// first asked for, once a message, however many companies ask. Lives while the message is planned; one thread at a
/// time.
final class InspectedMessage {
    let header: HeaderSection
    let envelope: Envelope
    let rules: InspectionContext
    private let client: Client

    /// The message ids that may identify a thread.
    let fields: ThreadFields
    private(set) lazy var evidence = AuthorEvidence(header: header, envelope: envelope, client: client, rules: rules)
    /// Of sender and recipients.
    private(set) lazy var domains = envelope.domains
    private lazy var namedAddresses = Routing.Company.namedAddresses(header: header, envelope: envelope)
    /// Companies that were asked whether they leave it alone, however many of their markers it has.
    private var neverLogged: [CompanyID: Bool] = [:]

    /// Ids that are looked up in In-Reply-To, and from the end of References.
    private static let idLimit = 16
    /// Author and recipients that are looked at, of whichever company.
    private static let partyLimit = 512

    /// The ids by which the message may be an answer to a captured one, in the order in which they count, each once.
    private(set) lazy var answeredIDs: [(field: MarkerField, id: [UInt8])] = {
        var seen: Set<[UInt8]> = []
        var ids: [(field: MarkerField, id: [UInt8])] = []
        for id in fields[.inReplyTo].prefix(Self.idLimit) where seen.insert(id).inserted {
            ids.append((.inReplyTo, id))
        }
        for id in fields[.references].reversed().prefix(Self.idLimit) where seen.insert(id).inserted {
            ids.append((.references, id))
        }
        return ids
    }()

    /// The author and the recipients, each once. The envelope sender is none of them: anybody can write it, and lists
    /// and forwarders write their own.
    private(set) lazy var parties: [Address] = {
        var parties: [Address] = []
        var seen: Set<Address> = []
        func add(_ addresses: some Sequence<Address>) {
            for address in addresses where parties.count < Self.partyLimit && !address.isNull {
                if seen.insert(address).inserted { parties.append(address) }
            }
        }
        if let author = header.author { add([author]) }
        add(envelope.recipients)
        // Lists are long; of mail to many, the envelope has named enough.
        for name in ["To", "Cc"] where parties.count < Self.partyLimit { add(header.addresses(in: [name])) }
        return parties
    }()

    /// A mail server reports on a delivery.
    var isBounce: Bool { envelope.sender.isNull && evidence.labels.contains(.bounce) }

    /// Whether somebody whom it names is on the company's never-log list.
    func isNeverLogged(by company: Routing.Company) throws -> Bool {
        if let known = neverLogged[company.id] { return known }
        let isNeverLogged = try company.neverLogs { namedAddresses }
        neverLogged[company.id] = isNeverLogged
        return isNeverLogged
    }

    init(
        header: HeaderSection, fields: ThreadFields, envelope: Envelope, client: Client, rules: InspectionContext
    ) {
        self.header = header
        self.envelope = envelope
        self.client = client
        self.rules = rules
        self.fields = fields
    }
}
