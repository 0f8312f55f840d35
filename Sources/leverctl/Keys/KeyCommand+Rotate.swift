import ArgumentParser
import Core
import Reading
import Sealing
import Store
import Unsealing

extension KeyCommand {
    struct Rotate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a key, one step at a time.",
            discussion: """
                The first time it announces a new key. Each further time it takes that key on, once every mail host has what \
                the last step changed: next, distributed, primary. A new sealing key is used from distributed on, beside the \
                old one. What the old key did stays good: messages open with its private key until key rewrap, markers \
                verify until key retire.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Which key: sealing, marker or index.")
        var kind: KeyKind = .sealing

        @Option(
            help: ArgumentHelp(
                "For a new sealing key: the file to write its private half to; it must not exist.", valueName: "file"))
        var privateKey: String?

        @Option(
            help: ArgumentHelp(
                "For an index key: the company's private key, to open what gets a new index. Repeat it for more keys.",
                valueName: "file"))
        var openWith: [String] = []

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let kind: String
            let keyID: String
            let state: String
        }

        func validate() throws {
            guard kind == .sealing || privateKey == nil else {
                throw ValidationError("--private-key is for sealing keys.")
            }
        }

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let step = try step(of: company, administration)
            if shared.json {
                try printJSON(Result(kind: kind.rawValue, keyID: step.key, state: step.state.rawValue))
                return
            }
            print("\(kind.rawValue.capitalized) key \(step.key) is \(step.state.rawValue).")
            switch (step.state, kind) {
            case (.primary, .sealing):
                print("The former one is old: re-wrap what is sealed to it with leverctl key rewrap, then retire it.")
            case (.primary, .marker):
                print("The former one still verifies; leverctl key retire ends that.")
            case (.primary, .index):
                print("The former one still finds what it indexed; leverctl key retire ends that.")
            default:
                print("Run leverctl key rotate again when every mail host has this: leverctl host list.")
            }
        }

        private func indexedKeys() throws -> KeyRing {
            guard !openWith.isEmpty else {
                throw CommandError(
                    "addresses get new indices; give --open-with with the company's private key, which opens them")
            }
            return try passphrase.keyRing(at: openWith)
        }

        private func step(of company: CompanyID, _ administration: OwnerSession) throws -> RotationStep {
            let pending = try administration.pending(kind, of: company)
            // The first step opens the addresses of users and never-log entries, the last one those of candidates.
            let keys = kind == .index && pending?.state != .next ? try indexedKeys() : nil
            func reindex(_ key: Routing.IndexKey, _ profiles: [SealedProfile]) throws -> [Reindexed] {
                try profiles.map { profile in
                    let email: String
                    do throws(OpeningError) {
                        email = try CandidateProfile(profile, with: keys!).email
                    } catch {
                        let isCandidate = profile.binding.subject != 0
                        throw CommandError(
                            "\(isCandidate ? "candidate \(profile.binding.subject)" : "address \(profile.binding.entry)"): "
                                + "\(error)")
                    }
                    return Reindexed(profile: profile, index: try key.addressIndex(email))
                }
            }
            if keys != nil { try administration.recordOpening(reason: "addresses, for a new index key", of: company) }

            guard pending == nil else {
                guard privateKey == nil else { throw StoreError.rotationUnderWay }
                return try administration.advance(kind, of: company, reindex: reindex)
            }
            switch kind {
            case .sealing:
                guard let privateKey else {
                    throw CommandError("no new key is on its way; give --private-key with the file to write it to")
                }
                let key = try makeKey(privateKey, passphrase) { key in
                    try administration.announceSealingKey(key.subjectPublicKeyInfo, keyID: key.keyID, to: company)
                }
                return RotationStep(key: key.keyID.hex, state: .next)
            case .marker: return try administration.announceMarkerKey(randomBytes(32), to: company)
            case .index: return try administration.announceIndexKey(randomBytes(32), to: company, reindex: reindex)
            }
        }
    }
}
