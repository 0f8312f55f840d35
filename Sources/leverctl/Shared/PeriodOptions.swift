import ArgumentParser
import Core

/// The period that a listing is of.
struct PeriodOptions: ParsableArguments {
    @Option(help: ArgumentHelp("From this time on: 12h or 7d ago, or a date, or a date and time.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Until this time, in the same form.", valueName: "time"))
    var until: String?

    /// The period, on the reader's clock. Throws `ValidationError`.
    func period(_ clock: ReaderClock) throws -> (since: Timestamp?, until: Timestamp?) {
        let now = Timestamp.now()
        let since = try since.map { try Timestamp(option: "--since", $0, clock, now: now) }
        let until = try until.map { try Timestamp(option: "--until", $0, clock, now: now) }
        if let since, let until, since >= until { throw ValidationError("--since is not before --until.") }
        return (since, until)
    }
}
