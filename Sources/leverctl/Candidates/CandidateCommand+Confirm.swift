import ArgumentParser
import Core
import Glibc
import Reading
import Store

extension CandidateCommand {
    struct Confirm: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a candidate's name and address with the company's key.",
            discussion: """
                Shows them, and asks for the address unless --address gives it. From then on mail is sent to the \
                candidate only while the signature is right, so that nobody who writes to the database can have it sent \
                elsewhere. After the company's key was replaced, --all signs with the first --private-key what one of \
                the others has signed.
                """,
            examples: ["leverctl candidate confirm 17", "leverctl candidate confirm --all"])

        @Argument(help: "The candidate: the id, the address, or part of the name.", completion: .candidates)
        var candidate: CandidateReference?

        @Flag(help: "Instead of one candidate: sign again what another of the keys has signed.")
        var all = false

        @Option(help: "The candidate's address, instead of a question on the terminal.")
        var address: MailAddress?

        @OptionGroup var company: CompanyOption
        @OptionGroup var search: CandidateSearchOptions
        @OptionGroup var keys: KeyRingOptions
        @OptionGroup var reason: ReasonOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            var company: Int64
            /// Candidates whose profile was signed.
            var confirmed: Int
        }

        func validate() throws {
            guard (candidate == nil) == all, !(all && address != nil) else {
                throw ValidationError("Give a candidate, or --all.")
            }
        }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared)
            let keys = try keys.keyRing(shared)
            let count =
                try candidate.map { reference in
                    let found = try search.find(
                        reference, of: company, in: timeline, shared, reason: reason.text("candidate confirm"),
                        keys: OpenedKeys { keys })
                    try confirm(found.candidate, timeline, keys)
                    return 1
                } ?? signAgain(of: company.id, timeline, keys)
            try shared.show(
                Result(company: company.id.rawValue, confirmed: count),
                "Signed the name and address of \(counted(count, "candidate")).")
        }

        private func confirm(_ candidate: Candidate, _ timeline: ReaderSession, _ keys: KeyRing) throws {
            let (profile, tail) = try timeline.profileAndTail(
                of: candidate, keys: keys, reason: reason.text("candidate confirm"))
            if let address {
                guard address.address == Address(profile.email) else {
                    throw CommandError("the candidate has another address; nothing was signed")
                }
            } else {
                guard isatty(STDIN_FILENO) == 1 else {
                    throw CommandError("give the candidate's address with --address; nothing was signed")
                }
                try ConfirmationOptions.confirm(
                    "\(profile.name) <\(profile.email)> will be signed as the candidate's name and address.",
                    wanted: profile.email, called: "the address", given: nil,
                    refusal: "that is not the address; nothing was signed")
            }
            try sign(candidate, tail: tail, timeline, keys)
        }

        private func signAgain(of company: CompanyID, _ timeline: ReaderSession, _ keys: KeyRing) throws -> Int {
            var count = 0
            for candidate in try timeline.candidates(of: company) {
                guard let signature = candidate.signature,
                    let tail = try timeline.profileTail(of: candidate.id, company: company),
                    try ProfileConfirmation.confirms(signature, tail: tail, candidate.binding, keys: keys)
                else { continue }
                try sign(candidate, tail: tail, timeline, keys)
                count += 1
            }
            return count
        }

        /// Signs the very bytes that were looked at.
        private func sign(
            _ candidate: Candidate, tail: [UInt8], _ timeline: ReaderSession, _ keys: KeyRing
        ) throws {
            try timeline.confirmProfile(
                of: candidate.id, company: candidate.company,
                signature: ProfileConfirmation.signature(ofTail: tail, candidate.binding, keys: keys))
        }
    }
}
