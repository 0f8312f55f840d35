import ArgumentParser
import SettingsFile
import Core
import Store

struct DeliveriesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries", abstract: "Show the delivery log: outcomes of marked messages on every mail host.",
        discussion: """
            It has one row for each inspected message whose marker names a company, in the order of time. DELAY is \
            the time from acceptance to the row in the database. The login is that of operator_database, \
            else an administrator's, auditor's or reader's.
            """,
        examples: ["leverctl deliveries --since 1h", "leverctl deliveries --outcome captured --follow"])

    @OptionGroup var period: PeriodOptions

    @Option(help: "The company, by name or id.", completion: .companies)
    var company: String?

    @Option(help: ArgumentHelp("Only rows with this outcome.", valueName: "code"))
    var outcome: Outcome?

    @Option(help: "Only rows in this direction.")
    var direction: Direction?

    @Option(help: ArgumentHelp("Only rows of this mail host.", valueName: "name"), completion: .hosts)
    var host: String?

    @Option(help: ArgumentHelp("At most this many rows, the newest.", valueName: "n"))
    var limit = 100

    @Flag(help: "Keep printing new rows until Control-C; with --json, one object per line.")
    var follow = false

    @OptionGroup var display: DisplayOptions
    @OptionGroup var shared: SharedOptions

    func validate() throws {
        _ = try period.period(display.clock)
        if follow, period.until != nil { throw ValidationError("--until does not go with --follow.") }
        guard 1...100_000 ~= limit else { throw ValidationError("--limit is a number from 1 to 100000.") }
    }

    func run() throws {
        let settings = try shared.settings()
        guard let (_, conninfo, role) = settings.deliveryLog else {
            _ = try settings.require("operator_database", \.operatorDatabase)
            return
        }
        let log = try OperatorSession(conninfo, as: role)
        var filter = OperatorSession.Filter()
        (filter.since, filter.until) = try period.period(display.clock)
        // Forged markers have ids that no company has, and are found by them too.
        filter.company = try company.map { name in
            try Int64(name).map(CompanyID.init) ?? log.company(name)
        }
        (filter.outcome, filter.direction, filter.host) = (outcome, direction, host)

        if follow {
            try DeliveryFollower(conninfo, role, filter, display.clock, asJSON: shared.json).run(log, limit: limit)
            return
        }
        let records = try log.records(filter, atMost: limit)
        let companies = try log.companies()
        let rows = records.map { DeliveryRow($0, companies) }
        try display.show(rows, asJSON: shared.json) { screen in
            guard !rows.isEmpty else { return print("No deliveries.") }
            screen.printTable(DeliveryRow.titles, rows.map { $0.cells(screen.clock) })
        }
        if records.count == limit { printError("leverctl: these are the newest \(limit); --limit shows more") }
    }
}

/// A row of the delivery log, as it is shown.
struct DeliveryRow: Encodable {
    let acceptedAt: Timestamp
    let spooledAt: Timestamp?
    let storedAt: Timestamp
    let host: String
    let queueID: String
    let company: Int64
    /// Missing if no such company exists, or the login does not see it.
    let companyName: String?
    let thread: Int64
    let direction: String?
    let outcome: String
    let matched: String?
    let size: Int?
    let entry: String
    /// Milliseconds from acceptance to the row.
    let delay: Int64

    init(_ record: DeliveryRecord, _ companies: [CompanyID: String]) {
        acceptedAt = record.acceptedAt
        spooledAt = record.spooledAt
        storedAt = record.storedAt
        host = record.host
        queueID = record.queueID
        company = record.company.rawValue
        companyName = companies[record.company]
        thread = record.thread.rawValue
        direction = record.direction?.rawValue
        outcome = record.outcome?.rawValue ?? "unknown"
        matched = record.matched?.rawValue
        size = record.size
        entry = record.entry.description
        delay = record.storedAt.milliseconds - record.acceptedAt.milliseconds
    }

    static let titles = [
        "ACCEPTED", "HOST", "QUEUE ID", "OUTCOME", "DIRECTION", "MATCHED", "BYTES", "DELAY", "COMPANY", "THREAD",
    ]
    /// For a table that is printed row by row.
    static let widths = [26, 12, 16, 16, 9, 14, 9, 8, 16, 19]

    func cells(_ clock: ReaderClock) -> [String] {
        [
            clock.text(acceptedAt), host, queueID, outcome, direction ?? "-", matched ?? "-",
            size.map(String.init) ?? "-",
            "\(delay / 1000).\(abs(delay % 1000 / 100))s", companyName ?? "\(company)", "\(thread)",
        ]
    }
}
