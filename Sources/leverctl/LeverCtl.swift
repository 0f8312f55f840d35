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
        groupedSubcommands: [
            CommandGroup(
                name: "Companies",
                subcommands: [
                    InitDBCommand.self, CompanyCommand.self, KeyCommand.self, NeverLogCommand.self,
                    RetentionCommand.self,
                ]),
            CommandGroup(
                name: "Candidates and messages",
                subcommands: [
                    CandidateCommand.self, ThreadCommand.self, TimelineCommand.self, MessageCommand.self,
                ]),
            CommandGroup(
                name: "Sending", subcommands: [AccountCommand.self, SendCommand.self, OutboxCommand.self]),
            CommandGroup(
                name: "Mail hosts",
                subcommands: [
                    HostCommand.self, CheckCommand.self, QueueCommand.self, ReplayCommand.self, TraceCommand.self,
                    DeliveriesCommand.self, ObserveCommand.self,
                ]),
            CommandGroup(
                name: "Access", subcommands: [UserCommand.self, AccessCommand.self, AuditCommand.self]),
        ])

    static func main() {
        CoreDumps.disable()
        do {
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
            print(fullMessage(for: error))
            Glibc.exit(0)
        case .validationFailure:
            printError(fullMessage(for: error))
            Glibc.exit(2)
        default:
            // The command has printed its errors itself.
            if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
            printError("leverctl: \(error)".printable())
            Glibc.exit(1)
        }
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    fflush(nil)
    let text = Array("\(line.printable(keepingLines: true))\n".utf8)
    write(STDERR_FILENO, text, text.count)
}
