import ArgumentParser
import SettingsFile
import Spool

struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Manage this mail host's spool, where messages wait for the database.",
        discussion: """
            Works whether or not the daemon and the database are up. A message that the daemon is delivering is never \
            moved or deleted at the same time. Run it as root or as the daemon's user.
            """,
        subcommands: [
            List.self, Show.self, Flush.self, Quarantine.self, Release.self, Delete.self,
        ])

    /// The argument for every message that a command applies to.
    static let all = "ALL"

    /// The configured spool. Root works in it with its owner's rights from now on.
    static func spool(_ shared: SharedOptions) throws -> SpoolAccess {
        let settings = try shared.settings()
        let directory = try settings.require("spool", \.spool)
        return try explained(directory) {
            do {
                try SpoolOwner(of: directory).assumeRights()
                return try SpoolAccess(directory: directory)
            } catch let error as SpoolError where error.isGone {
                throw CommandError(
                    "there is no spool in \(directory): lever-milter creates it when it starts; is 'spool' in "
                        + "\(settings.place(of: "spool")) that of the daemon?")
            }
        }
    }

    /// The result of the body; a lack of permission becomes an error that says who has it.
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
    /// Seconds to wait for a delivery in progress: a little more than one can take.
    var patience: Int { databaseTimeout + 5 }
}
