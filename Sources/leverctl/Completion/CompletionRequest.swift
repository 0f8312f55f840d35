import Core
import Spool
import Store

/// A command line that somebody has begun, as the shell hands it over.
struct CompletionRequest {
    /// With the program's name.
    let words: [String]
    /// What stands before the cursor of the word in question.
    let prefix: String

    /// What is asked first: readers' commands work with the reader's login, others with the administrator's.
    private static let readers: Set = ["timeline", "open", "message", "send", "outbox", "account"]

    /// The value of an option that is written already.
    func value(of option: String) -> String? {
        guard let place = words.firstIndex(where: { $0 == option || $0.hasPrefix("\(option)=") }) else { return nil }
        if words[place] != option { return String(words[place].dropFirst(option.count + 1)) }
        // Bash gives the equals sign as a word.
        return words[(place + 1)...].first { $0 != "=" }
    }

    private func shared() throws -> SharedOptions {
        try SharedOptions.parse(value(of: "--config").map { ["--config", $0] } ?? [])
    }

    /// With the first login of the settings that gets in. Throws if none does.
    func session() throws -> CompletionSession {
        let settings = try shared().settings()
        var logins: [(String?, CompletionSession.Role)] = [
            (settings.adminDatabase, .administrator), (settings.readerDatabase, .reader),
            (settings.auditorDatabase, .auditor), (settings.operatorDatabase, .operator),
            (settings.rekeyDatabase, .rekeying), (settings.retentionDatabase, .retention),
        ]
        if words.dropFirst().first.map(Self.readers.contains) == true { logins.swapAt(0, 1) }
        for case (let conninfo?, let role) in logins {
            if let session = try? CompletionSession(conninfo, as: role) { return session }
        }
        throw CommandError("no login of the settings gets into the database")
    }

    /// For values of the company that the command line or the settings name, or of the only one.
    func inCompany(_ list: (CompletionSession, CompanyID) throws -> [String]) throws -> [String] {
        let session = try session()
        if let name = try value(of: "--company") ?? shared().loadedSettings().company {
            return try list(session, session.company(name))
        }
        let companies = try session.companies()
        guard companies.count == 1 else { return [] }
        return try list(session, companies.keys.first!)
    }

    /// Queue ids where they are read, and entry ids.
    func spooledMessages() throws -> [String] {
        guard let spool = try shared().loadedSettings().spool else { return [] }
        return try SpoolOwner(of: spool).withRights {
            let listing = try SpoolListing(directory: spool)
            return (listing.waiting + listing.redeliver + listing.quarantined).compactMap(\.record).flatMap {
                [$0.queueID, $0.entry.description]
            }
        }
    }
}
