import ArgumentParser
import Core
import Sealing
import Store
import Unsealing

extension KeyCommand {
    struct Rewrap: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Re-wrap what is sealed to a key to the keys in use.",
            discussion: """
                Only heads are rewritten, in batches; no content is read. If it is interrupted, run it again for the \
                rest. The heads from before are kept until a key that they name is destroyed, and leverctl key \
                restore puts them back. The login must be a member of lever_rekey, with access granted by leverctl access grant.
                """,
            examples: ["leverctl key rewrap --private-key acme-2026.pem"])

        @OptionGroup var company: CompanyOption

        @Option(
            help: ArgumentHelp(
                """
                The private key that the messages are sealed to now; else $LEVER_PRIVATE_KEY, else 'private_key' in \
                the settings.
                """, valueName: "file"), completion: .file())
        var privateKey: String?

        @Option(help: ArgumentHelp("Messages in one transaction.", valueName: "count"))
        var batch = 200

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            struct Key: Encodable {
                let keyID: String
                let state: String
                let messages: Int
                let profiles: Int
            }

            var messages = 0
            var profiles = 0
            /// Heads that the private key did not open.
            var failed = 0
            var keys: [Key] = []
        }

        func validate() throws {
            guard (1...10_000).contains(batch) else {
                throw ValidationError("--batch is a number from 1 to 10000.")
            }
        }

        func run() throws {
            let rekeying = try shared.rekeySession()
            let company = try company.find(in: rekeying, shared).id
            let keys = try rekeying.sealingKeys(of: company)
            let recipients = try keys.recipients()
            let paths = try shared.privateKeys([privateKey].compactMap(\.self))
            guard paths.count == 1 else {
                throw CommandError(
                    "there are several private keys: \(paths.joined(separator: ", ")); say with --private-key which one "
                        + "the messages are sealed to")
            }
            let key = try passphrase.privateKey(at: paths[0], shared)
            guard keys.contains(where: { $0.keyID == key.keyID }) else { throw StoreError.unknownKey(key.keyID.hex) }

            try rekeying.recordRewrapping(
                reason: "from key \(key.keyID.hex) to \(counted(recipients.count, "key"))", of: company)
            var result = Result()
            try rewrapMessages(of: company, rekeying, key, to: recipients, &result)
            try rewrapProfiles(of: company, rekeying, key, to: recipients, &result)
            try count(of: company, rekeying, keys, &result)

            if shared.json {
                try printJSON(result)
            } else {
                print(
                    "\(counted(result.messages, "message")) and \(counted(result.profiles, "profile")) re-wrapped"
                        + (result.failed == 0 ? "." : ", \(result.failed) failed."))
                Screen.plain.printTable(
                    ["KEY", "STATE", "MESSAGES", "PROFILES"],
                    result.keys.map { [$0.keyID, $0.state, "\($0.messages)", "\($0.profiles)"] })
            }
            if result.failed > 0 { throw ExitCode.failure }
        }

        private func rewrapMessages(
            of company: CompanyID, _ rekeying: RekeySession, _ key: PrivateKey, to recipients: [SealingKey],
            _ result: inout Result
        ) throws {
            let target = recipients.map(\.keyID)
            var progress = ProgressBar(
                total: try rekeying.count(sealedTo: key.keyID, target: target, of: company))
            var last: EntryID?
            while case let heads = try rekeying.heads(
                sealedTo: key.keyID, target: target, of: company, after: last, limit: batch), !heads.isEmpty
            {
                var replacements: [HeadReplacement] = []
                for head in heads {
                    do throws(RewrappingError) {
                        replacements.append(
                            HeadReplacement(head, with: try Rewrapping.rewrap(head.head, with: key, to: recipients)))
                    } catch {
                        result.failed += 1
                        printError("leverctl: message \(head.entry): \(error)")
                    }
                }
                try rekeying.replace(replacements, of: company)
                result.messages += replacements.count
                progress.advance(by: heads.count)
                last = heads.last!.entry
            }
            progress.finish()
        }

        private func rewrapProfiles(
            of company: CompanyID, _ rekeying: RekeySession, _ key: PrivateKey, to recipients: [SealingKey],
            _ result: inout Result
        ) throws {
            let target = Set(recipients.map(\.keyID))
            var replacements: [HeadReplacement] = []
            for profile in try rekeying.profiles(of: company) {
                do {
                    let present = Set(try Opener.recipients(of: profile.head))
                    guard present.contains(key.keyID), present != target else { continue }
                    replacements.append(
                        HeadReplacement(profile, with: try Rewrapping.rewrap(profile.head, with: key, to: recipients)))
                } catch {
                    result.failed += 1
                    printError("leverctl: a profile (\(profile.owner)): \(error)")
                }
            }
            for start in stride(from: 0, to: replacements.count, by: batch) {
                result.profiles += try rekeying.replace(
                    Array(replacements[start..<min(start + batch, replacements.count)]), of: company)
            }
        }

        private func count(
            of company: CompanyID, _ rekeying: RekeySession, _ keys: [StoredSealingKey], _ result: inout Result
        ) throws {
            let messages = try rekeying.messagesByKey(of: company)
            let profiles = try profilesByKey(rekeying.profiles(of: company))
            result.keys = keys.map {
                Result.Key(
                    keyID: $0.keyID.hex, state: $0.state.rawValue, messages: messages[$0.keyID] ?? 0,
                    profiles: profiles[$0.keyID] ?? 0)
            }
        }
    }
}
