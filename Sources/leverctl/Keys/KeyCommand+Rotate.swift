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
                The first run announces a new key. Each further run advances it one state, from next to distributed to \
                primary, once every mail host has the previous change. A new sealing key is used from distributed on, \
                beside the old one. The old key still works: messages open with its private key until key rewrap, \
                markers verify until key retire.
                """,
            examples: ["leverctl key rotate --private-key acme-2027.pem", "leverctl key rotate --kind marker"])

        @OptionGroup var company: CompanyOption

        @Option(help: "Which kind of key.")
        var kind: KeyKind = .sealing

        @Option(
            help: ArgumentHelp(
                "For a new sealing key: the file to write the private key to; it must not exist.", valueName: "file"),
            completion: .file())
        var privateKey: String?

        @Option(
            help: ArgumentHelp(
                """
                For an index key: the company's private key, to open the addresses that get a new index; else \
                $LEVER_PRIVATE_KEY, else 'private_key' in the settings. Repeat it for more keys.
                """,
                valueName: "file"), completion: .file())
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
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            let step = try step(of: company, owner)
            if shared.json {
                try printJSON(Result(kind: kind.rawValue, keyID: step.key, state: step.state.rawValue))
                return
            }
            print("\(kind.rawValue.capitalized) key \(step.key) is \(step.state.rawValue).")
            switch (step.state, kind) {
            case (.primary, .sealing):
                print("The previous key is old: re-wrap what is sealed to it with leverctl key rewrap, then retire it.")
            case (.primary, .marker):
                print("The previous key still verifies; leverctl key retire ends that.")
            case (.primary, .index):
                print("The previous key still finds what it indexed; leverctl key retire ends that.")
            default:
                print("Run leverctl key rotate again once every mail host has this; leverctl host list shows them.")
            }
        }

        private func indexedKeys() throws -> KeyRing {
            let paths = openWith.isEmpty ? try shared.loadedSettings().privateKeys : openWith
            guard !paths.isEmpty else {
                throw CommandError(
                    "addresses get new indices; give --open-with with the company's private key, which opens them")
            }
            return try passphrase.keyRing(at: paths, shared)
        }

        private func step(of record: CompanyRecord, _ owner: OwnerSession) throws -> RotationStep {
            let company = record.id
            let pending = try owner.pending(kind, of: company)
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
                    return Reindexed(profile: profile, index: try key.addressIndex(Address(path: email)))
                }
            }
            if keys != nil { try owner.recordOpening(reason: "addresses, for a new index key", of: company) }

            guard pending == nil else {
                guard privateKey == nil else { throw StoreError.rotationUnderWay }
                return try owner.advance(kind, of: company, reindex: reindex)
            }
            switch kind {
            case .sealing:
                guard let privateKey else {
                    throw CommandError("no new key is announced; give --private-key with the file to write one to")
                }
                let key = try makeKey(privateKey, passphrase, of: record) { key in
                    try owner.announceSealingKey(key.subjectPublicKeyInfo, keyID: key.keyID, to: company)
                }
                return RotationStep(key: key.keyID.hex, state: .next)
            case .marker: return try owner.announceMarkerKey(randomBytes(32), to: company)
            case .index: return try owner.announceIndexKey(randomBytes(32), to: company, reindex: reindex)
            }
        }
    }
}
