import ArgumentParser
import SettingsFile
import Spool

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "The spool of this mail host: messages that wait for the database.",
        discussion: """
            Works while the daemon or the database is down, and beside a daemon at work: a message is delivered, or moved \
            or deleted, and never both. Run it as root or as the daemon's user.
            """,
        subcommands: [
            List.self, Show.self, Flush.self, Quarantine.self, Release.self, Delete.self,
        ])

    /// Names every message that a command may be meant for.
    static let all = "ALL"

    /// The spool of the configuration.
    static func spool(_ shared: SharedOptions) throws -> SpoolAccess {
        let settings = try shared.settings()
        let directory = try settings.require("spool", \.spool)
        return try explained(directory) {
            do {
                return try SpoolAccess(directory: directory)
            } catch let error as SpoolError where error.isGone {
                throw CommandError(
                    "there is no spool in \(directory): lever-milter makes it when it starts; is 'spool' in "
                        + "\(settings.path) the daemon's?")
            }
        }
    }

    /// The result of the body; where it may not do something in the spool, the error says who may.
    static func explained<Result>(_ directory: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as SpoolError where error.isForbidden {
            throw CommandError(
                "no access to the spool \(directory); run this as root or as the user that lever-milter runs as")
        }
    }
}

extension Settings {
    /// Seconds that a delivery at hand takes at most, and somewhat more.
    var patience: Int { databaseTimeout + 5 }
}
