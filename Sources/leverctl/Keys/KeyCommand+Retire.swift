import ArgumentParser
import Core
import Store

extension KeyCommand {
    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a key out of use.",
            discussion: """
                A sealing key is refused while messages are sealed to no other key in use: re-wrap them first. A \
                retired marker key no longer verifies: replies in threads that started with it are not captured. A \
                retired index key no longer finds anything.
                """,
            examples: [
                "leverctl key retire 5f1c09a7be3d22445f1c09a7be3d22445f1c09a7",
                "leverctl key retire 1 --kind marker",
            ])

        @Argument(help: "The key's id; the version of a marker or index key.", completion: .keys)
        var key: String

        @OptionGroup var company: CompanyOption

        @Option(help: "Which kind of key.")
        var kind: KeyKind = .sealing

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            var note: String?
            switch kind {
            case .sealing: try requireOtherKeys(of: company, owner)
            case .marker: note = try markerNote(of: company, owner)
            case .index: note = try indexNote(of: company, owner)
            }
            try owner.retire(kind, key: key, of: company)
            try shared.show(EndedKey(kind, key, state: "retired", note: note))
        }

        /// Throws if something is sealed to no other key in use.
        private func requireOtherKeys(of company: CompanyID, _ owner: OwnerSession) throws {
            let dependents = try Dependents(of: key, besides: [.retired, .destroyed], company: company, owner)
            guard dependents.messages == 0, dependents.profiles == 0 else {
                throw CommandError(
                    "\(dependents) would have no key in use; run leverctl key rewrap with its private key first")
            }
        }

        private func markerNote(of company: CompanyID, _ owner: OwnerSession) throws -> String? {
            guard let version = UInt8(key) else { return nil }
            let threads = try owner.threads(withMarkerVersion: version, of: company)
            return threads == 0
                ? nil : "Replies in \(counted(threads, "thread")) that started with it are no longer captured."
        }

        /// Throws if candidates are indexed under no other key.
        private func indexNote(of company: CompanyID, _ owner: OwnerSession) throws -> String? {
            guard let version = UInt8(key) else { throw StoreError.unknownKey(key) }
            let use = try owner.dependents(ofIndexVersion: version, of: company)
            guard use.profiles == 0 else {
                throw CommandError(
                    "\(counted(use.profiles, "candidate")) would no longer be found; rotate the index key first")
            }
            let messages = try owner.messages(withIndexVersion: version, of: company)
            let lost = [
                use.anonymous > 0 ? counted(use.anonymous, "anonymous candidate") : nil,
                messages > 0 ? "unmarked replies to \(counted(messages, "message"))" : nil,
            ].compactMap(\.self)
            return lost.isEmpty ? nil : "No longer recognised: \(lost.joined(separator: ", "))."
        }
    }
}
