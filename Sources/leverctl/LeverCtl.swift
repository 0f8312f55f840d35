import ArgumentParser
import SettingsFile
import Glibc
import Hardening

/// leverctl, the command of administrators, operators and readers. One subcommand a file.
///
/// Exit status: 0 done, 1 failed, 2 wrong usage; `check` has its own. Results go to standard output, errors in one line to standard error.
@main
struct LeverCtl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leverctl",
        abstract: "Companies, keys, candidates, threads and timelines of lever-milter.",
        version: Version.current,
        subcommands: [
            InitDBCommand.self, CompanyCommand.self, KeyCommand.self, CandidateCommand.self, ThreadCommand.self,
            TimelineCommand.self, MessageCommand.self, QueueCommand.self, HostCommand.self, UserCommand.self,
            AccessCommand.self, AuditCommand.self, RetentionCommand.self, NeverLogCommand.self, CheckCommand.self,
            TraceCommand.self, DeliveriesCommand.self, ObserveCommand.self,
            ReplayCommand.self, AccountCommand.self, SendCommand.self, OutboxCommand.self,
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

    /// Tells the error and exits. Asking for help is no error.
    private static func end(_ error: any Error) -> Never {
        switch exitCode(for: error) {
        case .success:
            print(fullMessage(for: error))
            Glibc.exit(0)
        case .validationFailure:
            printError(fullMessage(for: error))
            Glibc.exit(2)
        default:
            // The command has told everything itself.
            if let code = error as? ExitCode { Glibc.exit(code.rawValue) }
            printError("leverctl: \(error)".printable())
            Glibc.exit(1)
        }
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    fflush(nil)
    let text = Array("\(line)\n".utf8)
    write(STDERR_FILENO, text, text.count)
}
