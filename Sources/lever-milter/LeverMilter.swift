import ArgumentParser
import Glibc
import Hardening
import SettingsFile

/// The daemon on the mail host.
@main
struct LeverMilter: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lever-milter",
        abstract: "Captures replies of Lever threads for Postfix, sealed, and lets all other mail pass unread.",
        version: Version.current)

    @Option(help: ArgumentHelp("The configuration file.", valueName: "file"))
    var config: String

    @Flag(help: "Test the configuration and exit.")
    var check = false

    static func main() {
        FreedMemory.overwrite()
        CoreDumps.disable()
        main(nil)
    }

    func run() throws {
        let daemon: Daemon
        do {
            daemon = try Daemon(settings: Settings.load(path: config))
        } catch {
            // Where the log is to go is not known.
            let line = Array("lever-milter: \(error)\n".utf8)
            write(STDERR_FILENO, line, line.count)
            throw ExitCode(1)
        }
        if check {
            print("\(config): ok")
            return
        }
        do {
            try daemon.run()
        } catch {
            daemon.logFailure(error)
            throw ExitCode(1)
        }
    }
}
