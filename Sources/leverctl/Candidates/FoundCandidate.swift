import Reading
import Store

/// The candidate that a command line named.
struct FoundCandidate {
    let candidate: Candidate
    /// Name and address; nil if no name was opened to find the candidate.
    var profile: CandidateProfile?
    /// How far name and address are proved; nil with them.
    var confirmation: ProfileConfirmation?

    /// For a question: `candidate 17, Zoë Berg <zoe@home.example>`.
    var text: String {
        "candidate \(candidate.id)" + (profile.map { ", \($0.name) <\($0.email)>" } ?? "")
    }

    /// Throws if the candidate was found by a name that anybody who writes to the database may have put there: before
    /// something is sent to whoever has the name.
    func requireConfirmation() throws {
        guard let confirmation, confirmation != .confirmed else { return }
        throw CommandError(
            "candidate \(candidate.id) has this name, but nobody has signed it with the company's key: look at it with "
                + "leverctl candidate list, then sign it with leverctl candidate confirm \(candidate.id), or give the id "
                + "instead of the name")
    }
}
