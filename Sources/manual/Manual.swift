// manual: writes manual pages. ArgumentParser's own plugin writes one command's page, without a configuration page,
// exit status, environment or files. May use SettingsFile, for the table of keys.

import ArgumentParser
import Foundation

/// Writes the parts of the package that are derived from the sources: manual pages of the commands, from their own
/// help; those of the configuration files, from docs/reference/configuration.md and the table of keys; and the
/// configuration files of a new installation. deploy/build-deb runs it.
@main
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual", abstract: "Write manual pages and the default configuration files.")

    @Option(help: ArgumentHelp("The manual's page about the configuration, in Markdown.", valueName: "file"))
    var configuration: String

    @Option(help: ArgumentHelp("The directory to write to.", valueName: "directory"))
    var out: String

    @Option(help: ArgumentHelp("The date of the pages, as YYYY-MM-DD.", valueName: "date"))
    var date: String

    @Option(help: "The version of the programs.")
    var release: String

    @Argument(help: ArgumentHelp("The output of a program's --experimental-dump-help.", valueName: "file"))
    var dumps: [String]

    func run() throws {
        let edition = Edition(date: date, release: release)
        for dump in dumps {
            let program = try JSONDecoder().decode(Dump.self, from: Data(contentsOf: URL(fileURLWithPath: dump)))
                .command
            for page in CommandPage.all(of: program) { try write(page.name, page.text(edition)) }
        }
        let markdown = try String(contentsOfFile: configuration, encoding: .utf8)
        for file in ConfigurationFile.allCases {
            try write("\(file.name).5", ConfigurationPage(file: file, markdown: markdown).text(edition))
            try write(file.name, DefaultConfiguration(file: file).text)
        }
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(toFile: "\(out)/\(name)", atomically: false, encoding: .utf8)
    }
}
