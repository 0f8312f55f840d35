import ArgumentParser
import Diagnostics
import SettingsFile

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Check this machine's setup, and say what to do about each finding.",
        discussion: """
            Checks the configuration, the running daemon, its socket as Postfix sees it, Postfix's settings, the \
            database, keys, the spool and the clock, and changes nothing. Run it as root on a mail host, after each \
            change and from monitoring; docs/reference/checks.md explains each finding. Where there is a daemon's \
            configuration, that file is checked and no other; on other machines those of leverctl.

            Exit status, as for monitoring plugins: 0 ok, 1 warning, 2 critical (also a usage error, which prints \
            nothing on standard output), 3 unknown: a section could not be checked.
            """,
        examples: ["leverctl check", "leverctl check --only postfix --verbose"])

    @Option(help: ArgumentHelp("Check only this section. Repeat it for more.", valueName: "section"))
    var only: [Section] = []

    @Option(
        help: ArgumentHelp("The directory of main.cf, if not /etc/postfix.", valueName: "directory"),
        completion: .directory)
    var postfixConfig: String?

    @Flag(help: "Show passed checks too, and those that were not made.")
    var verbose = false

    @OptionGroup var shared: SharedOptions

    private struct Record: Encodable {
        struct Item: Encodable {
            let id: String
            let section: String
            let status: String
            let text: String
            let advice: String?

            enum CodingKeys: String, CodingKey {
                case id, section, status, text
                case advice = "do"
            }
        }

        let status: String
        let summary: String
        let findings: [Item]

        init(_ report: CheckReport) {
            status = report.status.rawValue
            summary = report.summary
            findings = report.findings.map {
                Item(
                    id: $0.id.rawValue, section: $0.id.section.rawValue, status: $0.status.rawValue, text: $0.text,
                    advice: $0.advice)
            }
        }
    }

    func run() throws {
        let report: CheckReport
        do throws(ConfigurationError) {
            report = CheckRun(settings: try shared.checkedSettings(), postfixDirectory: postfixConfig, sections: only)
                .run()
        } catch {
            report = CheckRun.unreadable(error)
        }
        if shared.json { try printJSON(Record(report)) } else { show(report) }
        throw ExitCode(report.exitCode)
    }

    /// The first line is for monitoring; then each section, with its findings and what to do about them.
    private func show(_ report: CheckReport) {
        print("lever-milter \(report.summary)".printable())
        for part in report.parts {
            print("\n\(part.section.rawValue): \(part.status.word), \(counted(part.findings.count, "finding"))")
            for finding in part.findings where verbose || part.isUnchecked || finding.status > .notChecked {
                print(
                    "  \(padded(finding.status.word, 11))  \(padded(finding.id.rawValue, 27))  \(finding.text)"
                        .printable())
                if let advice = finding.advice { print("  \(padded("", 11))  do: \(advice)".printable()) }
            }
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
