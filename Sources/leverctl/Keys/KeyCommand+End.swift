import ArgumentParser
import Core
import Store
import Unsealing

extension KeyCommand {
    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out of use.",
            discussion: """
                A sealing key that messages are sealed to and no other key in use is refused: re-wrap them first. A marker \
                key that is retired verifies no more: replies to threads that began with it are not captured. A retired \
                index key finds no more.
                """)

        @Argument(help: "The key's id; the version of a marker or index key.")
        var key: String

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Which key: sealing, marker or index.")
        var kind: KeyKind = .sealing

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            var note: String?
            switch kind {
            case .sealing:
                let use = try Dependents(of: key, besides: [.retired, .destroyed], company: company.id, administration)
                guard use.messages == 0, use.profiles == 0 else {
                    throw CommandError(
                        "\(use) would have no key that is in use; run leverctl key rewrap with its private key first")
                }
            case .marker:
                let threads = try UInt8(key).map { try administration.threads(withMarkerVersion: $0, of: company.id) }
                if let threads, threads > 0 {
                    note = "Replies to \(counted(threads, "thread")) that began with it are not captured any more."
                }
            case .index:
                guard let version = UInt8(key) else { throw StoreError.unknownKey(key) }
                let use = try administration.dependents(ofIndexVersion: version, of: company.id)
                guard use.profiles == 0 else {
                    throw CommandError(
                        "\(counted(use.profiles, "candidate")) would not be found any more; rotate the index key first")
                }
                let messages = try administration.messages(withIndexVersion: version, of: company.id)
                let notes = [
                    use.anonymous > 0
                        ? "\(counted(use.anonymous, "anonymous candidate")) will not be recognised any more." : nil,
                    messages > 0
                        ? "Replies without a marker that name \(counted(messages, "message")) of its time will not either."
                        : nil,
                ].compactMap(\.self)
                note = notes.isEmpty ? nil : notes.joined(separator: " ")
            }
            try administration.retire(kind, key: key, of: company.id)
            try show("retired", note, self.key, kind, shared)
        }
    }

    struct Destroy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Destroy a key: what it alone opens is unreadable for ever.",
            discussion: """
                Heads of messages that are sealed to it and to no other key that remains are deleted; from others it is \
                taken out, so that no copy of the private key opens anything here. A marker or index key is deleted. The file \
                of the private key is yours to delete. Mail hosts may still have messages that were sealed to it: see that \
                leverctl queue list is empty first.
                """)

        @Argument(help: "The key's id; the version of a marker or index key.")
        var key: String

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Which key: sealing, marker or index.")
        var kind: KeyKind = .sealing

        @OptionGroup var confirmation: ConfirmationOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            guard kind == .sealing else {
                try confirmation.confirm(
                    "The \(kind.rawValue) key \(key) will be deleted: what was made with it is not verified or found again.",
                    company: company)
                try administration.destroy(kind, key: key, of: company.id)
                try show("destroyed", nil, key, kind, shared)
                return
            }
            let use = try Dependents(of: key, besides: [.destroyed], company: company.id, administration)
            try confirmation.confirm("\(use) will be unreadable for ever.", company: company)
            try administration.destroy(.sealing, key: key, of: company.id)
            _ = try administration.shredMessages(sealedOnlyTo: use.keys, of: company.id)
            try strip(use.keys, of: company.id, administration)
            try show("destroyed", "\(use) are unreadable.", key, kind, shared)
        }

        /// Takes the keys out of what other keys open, and deletes profiles that none does.
        private func strip(_ keys: [[UInt8]], of company: CompanyID, _ administration: OwnerSession) throws {
            let rekeying = administration.rekeying
            for key in keys {
                var last: EntryID?
                while case let heads = try rekeying.heads(
                    sealedTo: key, target: [], of: company, after: last, limit: 200), !heads.isEmpty
                {
                    try rekeying.replace(
                        heads.compactMap { head in
                            try Rewrapping.removing(keyIDs: Set(keys), from: head.head).map {
                                (head, $0, head.keyIDs.filter { !keys.contains($0) })
                            }
                        }, of: company)
                    last = heads.last!.entry
                }
            }
            for profile in try rekeying.profiles(of: company) {
                guard try Opener.recipients(of: profile.head).contains(where: keys.contains) else { continue }
                if let head = try Rewrapping.removing(keyIDs: Set(keys), from: profile.head) {
                    try rekeying.replace(
                        profile, with: head, keyIDs: Opener.recipients(of: head), of: company)
                } else {
                    try administration.shred(profile, of: company)
                }
            }
        }
    }
}

/// What no key opens any more once a sealing key is gone, besides those that are.
private struct Dependents: CustomStringConvertible {
    /// The key, and those that are gone already.
    let keys: [[UInt8]]
    let messages: Int
    let profiles: Int

    init(
        of key: String, besides gone: Set<KeyState>, company: CompanyID, _ administration: OwnerSession
    ) throws {
        let all = try administration.sealingKeys(of: company)
        guard let keyID = [UInt8](hex: key), all.contains(where: { $0.keyID == keyID }) else {
            throw StoreError.unknownKey(key)
        }
        keys = [keyID] + all.filter { $0.keyID != keyID && gone.contains($0.state) }.map(\.keyID)
        messages = try administration.rekeying.messages(sealedOnlyTo: keys, of: company)
        let unusable = Set(keys)
        profiles = try administration.rekeying.profiles(of: company).filter {
            unusable.isSuperset(of: try Opener.recipients(of: $0.head))
        }.count
    }

    var description: String { "\(counted(messages, "message")) and \(counted(profiles, "profile"))" }
}

private struct EndRecord: Encodable {
    let kind: String
    let keyID: String
    let state: String
    let note: String?
}

private func show(
    _ state: String, _ note: String?, _ key: String, _ kind: KeyKind, _ shared: SharedOptions
) throws {
    try shared.show(
        EndRecord(kind: kind.rawValue, keyID: key, state: state, note: note),
        ["\(kind.rawValue.capitalized) key \(key) is \(state).", note].compactMap(\.self).joined(separator: "\n"))
}
