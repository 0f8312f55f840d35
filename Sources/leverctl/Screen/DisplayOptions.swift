import ArgumentParser
import Glibc

/// How a command shows its text to a person. Nothing here changes JSON.
struct DisplayOptions: ParsableArguments {
    enum Colors: String, CaseIterable, ExpressibleByArgument {
        case auto, always, never
    }

    @Flag(help: "Show times in UTC, and read those without a zone as UTC; else both are in your time zone.")
    var utc = false

    @Flag(help: "Show the output without a pager.")
    var noPager = false

    @Option(help: "Use colours: auto (on a terminal, unless $NO_COLOR is set), always or never.")
    var color = Colors.auto

    var clock: ReaderClock { utc ? .utc : .local }

    /// Runs `body`, which prints text. On a terminal a pager shows the text; when it returns, the person has read it.
    func onScreen(_ body: (Screen) throws -> Void) throws {
        if !utc, let problem = Self.variable("TZ").flatMap({ ReaderClock.problem(zone: $0) }) {
            printError("leverctl: \(problem.printable())")
        }
        let isTerminal = isatty(STDOUT_FILENO) == 1 && !Self.isDumb
        let pager = isTerminal && !noPager ? PagerCommand(environment: Self.variable) : nil
        let isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto: isTerminal && Self.variable("NO_COLOR") == nil && pager?.showsColors ?? true
            }
        let screen = Screen(
            columns: isTerminal ? Self.columns : nil, style: Style(isOn: isColored), clock: clock)
        guard let pager else { return try body(screen) }
        try Pager.show(by: pager) { try body(screen) }
    }

    /// Shows a result: as one JSON document, or as the text that `body` prints.
    func show(_ record: some Encodable, asJSON: Bool, _ body: (Screen) throws -> Void) throws {
        if asJSON { try printJSON(record) } else { try onScreen(body) }
    }

    /// A terminal that can neither move its cursor nor show colours.
    private static var isDumb: Bool { [nil, "dumb"].contains(variable("TERM")) }

    /// The terminal's width: what `COLUMNS` says, else the system; 80 if neither does.
    private static var columns: Int {
        if let columns = variable("COLUMNS").flatMap({ Int($0) }), columns > 0 { return columns }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// A variable of the environment; nil if it is empty.
    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}
