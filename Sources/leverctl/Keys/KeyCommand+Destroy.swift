import ArgumentParser
import Core
import Store
import Unsealing

extension KeyCommand {
    struct Destroy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy a key: everything that only it opens becomes permanently unreadable.",
            discussion: """
                Heads of messages sealed to it and to no other remaining key are deleted; it is removed from the \
                others, and the heads that re-wrapping replaced are deleted, so that no copy of the private key \
                opens anything here. Read something with the new key first: once the old one is destroyed, heads that \
                were wrapped wrongly cannot be put back. A marker or index key is deleted. \
                Deleting the file of the private key is up to you. Mail hosts may still hold messages sealed to it: \
                make sure first that leverctl queue list is empty.
                """,
            examples: ["leverctl key destroy 5f1c09a7be3d22445f1c09a7be3d22445f1c09a7"])

        @Argument(help: "The key's id; the version of a marker or index key.", completion: .keys)
        var key: String

        @OptionGroup var company: CompanyOption

        @Option(help: "Which kind of key.")
        var kind: KeyKind = .sealing

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            guard kind == .sealing else {
                try confirmation.confirm(
                    "The \(kind.rawValue) key \(key) will be deleted: nothing made with it can be verified or found "
                        + "again.",
                    company: company)
                try owner.destroy(kind, key: key, of: company.id)
                try shared.show(EndedKey(kind, key, state: "destroyed", note: nil))
                return
            }
            let dependents = try Dependents(of: key, besides: [.destroyed], company: company.id, owner)
            try confirmation.confirm("\(dependents) will become permanently unreadable.", company: company)
            try owner.destroy(.sealing, key: key, of: company.id)
            _ = try owner.shredMessages(sealedOnlyTo: dependents.keys, of: company.id)
            try removeFromHeads(dependents.keys, of: company.id, owner)
            try removeFromProfiles(dependents.keys, of: company.id, owner)
            try owner.shredFormerHeads(sealedTo: dependents.keys, of: company.id)
            try shared.show(EndedKey(kind, key, state: "destroyed", note: "\(dependents) are unreadable."))
        }

        private func removeFromHeads(_ keys: [[UInt8]], of company: CompanyID, _ owner: OwnerSession) throws {
            for key in keys {
                var last: EntryID?
                while case let heads = try owner.rekeying.heads(
                    sealedTo: key, target: [], of: company, after: last, limit: 200), !heads.isEmpty
                {
                    try owner.rekeying.replace(
                        heads.compactMap { head in
                            try Rewrapping.removing(keyIDs: Set(keys), from: head.head).map {
                                HeadReplacement(head, with: $0)
                            }
                        }, of: company)
                    last = heads.last!.entry
                }
            }
        }

        /// Deletes profiles that no other key opens.
        private func removeFromProfiles(_ keys: [[UInt8]], of company: CompanyID, _ owner: OwnerSession) throws {
            for profile in try owner.rekeying.profiles(of: company) {
                guard try Opener.recipients(of: profile.head).contains(where: keys.contains) else { continue }
                if let head = try Rewrapping.removing(keyIDs: Set(keys), from: profile.head) {
                    try owner.rekeying.replace([HeadReplacement(profile, with: head)], of: company)
                } else {
                    try owner.shred(profile, of: company)
                }
            }
        }
    }
}
