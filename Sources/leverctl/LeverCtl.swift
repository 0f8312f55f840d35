import ArgumentParser
import Glibc
import Hardening
import SettingsFile

/// leverctl, the command of administrators, operators and readers. Commands are in folders by noun, and thin: they
/// parse, call the module that does the work, and print.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage; `check` has its own. Results go to standard output, errors in one line
/// to standard error.
@main
struct LeverCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leverctl",
        abstract: "Administer lever-milter, operate its mail hosts, and read timelines.",
        version: Version.current,
        // In the order in which people need them, readers first.
        groupedSubcommands: [
            CommandGroup(name: "Read", subcommands: [TimelineCommand.self, OpenCommand.self, MessageCommand.self]),
            CommandGroup(
                name: "Write", subcommands: [SendCommand.self, OutboxCommand.self, AccountCommand.self]),
            CommandGroup(name: "Candidates", subcommands: [CandidateCommand.self, ThreadCommand.self]),
            CommandGroup(
                name: "Companies", subcommands: [CompanyCommand.self, NeverLogCommand.self, ObserveCommand.self]),
            CommandGroup(name: "Keys", subcommands: [KeyCommand.self]),
            CommandGroup(name: "Set up", subcommands: [SetupCommand.self]),
            CommandGroup(
                name: "Mail hosts and mail flow",
                subcommands: [
                    CheckCommand.self, SettingsCommand.self, HostCommand.self, TraceCommand.self,
                    DeliveriesCommand.self, QueueCommand.self, ReplayCommand.self,
                ]),
            CommandGroup(
                name: "Database, access and audit",
                subcommands: [
                    InitDBCommand.self, UserCommand.self, AccessCommand.self, AuditCommand.self,
                    RetentionCommand.self,
                ]),
        ])

    /// Without a command.
    func run() { print(Overview.text) }

    static func main() {
        CoreDumps.disable()
        do {
            // The parser would show the help of what it knows.
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments.first == "help", let mistyped = MistypedCommand(arguments, of: Self.self),
                case .unknown = mistyped
            {
                end(mistyped)
            }
            var command = try parseAsRoot()
            try command.run()
            guard fflush(nil) == 0 else { throw CommandError("cannot write the output: \(CommandError.system())") }
        } catch {
            end(error)
        }
    }

    /// Prints the error and exits. A request for help is not an error.
    private static func end(_ error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success:
            print(HelpText.fitted(fullMessage(for: error)))
            Glibc.exit(0)
        case .validationFailure:
            if let mistyped = MistypedCommand(Array(CommandLine.arguments.dropFirst()), of: Self.self) { end(mistyped) }
            let message = message(for: error)
            printError(
                HelpText.fitted(fullMessage(for: error).replacing(message, with: MistypedValue.explained(message))))
            Glibc.exit(2)
        default:
            // The command has printed its errors itself.
            if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
            printError("leverctl: \(error)".printable())
            Glibc.exit(1)
        }
    }

    private static func end(_ mistyped: MistypedCommand) -> Never {
        printError("Error: \(mistyped)")
        Glibc.exit(2)
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    fflush(nil)
    let text = Array("\(line.printable(keepingLines: true))\n".utf8)
    write(STDERR_FILENO, text, text.count)
}
