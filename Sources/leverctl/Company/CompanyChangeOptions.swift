import ArgumentParser
import Core
import Store

/// What `company set` changes.
struct CompanyChangeOptions: ParsableArguments {
    /// A setting that is on or off.
    enum Switch: String, CaseIterable, ExpressibleByArgument {
        case on, off
    }

    @Option(help: ArgumentHelp("Give it another name.", valueName: "name"))
    var rename: String?

    @Option(help: ArgumentHelp("Add a mail domain. Repeat it for more.", valueName: "domain"))
    var addDomain: [Domain] = []

    @Option(help: ArgumentHelp("Remove a mail domain. Repeat it for more.", valueName: "domain"))
    var removeDomain: [Domain] = []

    @Option(help: "The provider of its mailboxes.")
    var provider: MailProvider?

    @Option(help: "Its sync level.")
    var sync: SyncLevel?

    @Option(help: ArgumentHelp("Keep messages for this many days; 0 for no limit.", valueName: "days"))
    var retentionDays: Int?

    @Option(
        help: ArgumentHelp(
            "Keep the delivery log for this many days, but never longer than messages. At first 90.",
            valueName: "days"))
    var deliveryDays: Int?

    @Option(help: "What happens to replies in its threads.")
    var capture: CaptureMode?

    @Option(
        help: ArgumentHelp("The address to forward to, in a mode that forwards.", valueName: "address"),
        transform: ForwardAddress.parse)
    var forwardTo: ForwardAddress?

    @Flag(help: "Remove the forward address. A company in store+forward changes to store.")
    var noForward = false

    @Option(
        help: ArgumentHelp(
            "Put the marker of X-Lever-Thread into References of outgoing messages.", valueName: "on/off"
        ))
    var stamp: Switch?

    @Option(
        help: ArgumentHelp(
            "Whether full sync is set up, so that the company's super admin may choose it.",
            valueName: "on/off"))
    var fullSync: Switch?

    @Option(
        help: """
            What happens to mail of threads that another system started: known captures it if the correspondent is a \
            candidate.
            """)
    var unsignedMarkers: UnsignedMarkerPolicy?

    @Option(
        help: ArgumentHelp(
            """
            The characters that begin an address extension at the company's domains, Postfix's recipient_delimiter; \
            none for no extensions.
            """, valueName: "characters/none"),
        transform: { text in
            guard text != "none" else { return "" }
            guard let delimiters = RecipientDelimiters(text) else {
                throw ValidationError("Give one to eight characters that are neither letters nor digits, or none.")
            }
            return delimiters.text
        })
    var recipientDelimiter: String?

    @Option(
        help: ArgumentHelp(
            """
            Take no mail of threads that are older than this many days, and in which the company wrote nothing for as \
            long; off for no limit.
            """, valueName: "days/off"),
        transform: { text in
            guard text != "off" else { return 0 }
            guard let days = Int(text), (1...36500).contains(days) else {
                throw ValidationError("--marker-lifetime is a number from 1 to 36500, or off.")
            }
            return days
        })
    var markerLifetime: Int?

    func validate() throws {
        if rename == nil, provider == nil, sync == nil, retentionDays == nil, deliveryDays == nil,
            addDomain.isEmpty, removeDomain.isEmpty, capture == nil, forwardTo == nil, !noForward,
            stamp == nil, unsignedMarkers == nil, fullSync == nil, recipientDelimiter == nil,
            markerLifetime == nil
        {
            throw ValidationError("Nothing to change; give --sync, --provider, --add-domain or another option.")
        }
        if forwardTo != nil, noForward {
            throw ValidationError("Give either --forward-to or --no-forward.")
        }
        if let retentionDays, !(0...36500).contains(retentionDays) {
            throw ValidationError("--retention-days is a number from 0 (no limit) to 36500.")
        }
        if let deliveryDays, !(1...36500).contains(deliveryDays) {
            throw ValidationError("--delivery-days is a number from 1 to 36500.")
        }
    }

    var change: CompanyChange {
        var change = CompanyChange()
        change.name = rename
        change.provider = provider
        change.sync = sync
        change.addedDomains = addDomain.map(\.text)
        change.removedDomains = removeDomain.map(\.text)
        change.retentionDays = retentionDays
        change.deliveryDays = deliveryDays
        change.capture = capture
        change.stamps = stamp.map { $0 == .on }
        change.unsignedMarkers = unsignedMarkers
        change.isFullSyncReady = fullSync.map { $0 == .on }
        change.recipientDelimiter = recipientDelimiter
        change.markerDays = markerLifetime
        change.forward = noForward ? .nowhere : forwardTo.map { .to($0) }
        return change
    }
}
