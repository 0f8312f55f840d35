import Core
import Store
import Unsealing

/// What no key will open once a sealing key is gone, in addition to what no key opens already.
struct Dependents: CustomStringConvertible {
    /// The key, and those that are gone already.
    let keys: [[UInt8]]
    let messages: Int
    let profiles: Int

    /// `gone` are the states of keys that count as gone. Throws `StoreError.unknownKey`.
    init(of key: String, besides gone: Set<KeyState>, company: CompanyID, _ owner: OwnerSession) throws {
        let all = try owner.sealingKeys(of: company)
        guard let keyID = [UInt8](hex: key), all.contains(where: { $0.keyID == keyID }) else {
            throw StoreError.unknownKey(key)
        }
        keys = [keyID] + all.filter { $0.keyID != keyID && gone.contains($0.state) }.map(\.keyID)
        messages = try owner.rekeying.messages(sealedOnlyTo: keys, of: company)
        let unusable = Set(keys)
        profiles = try owner.rekeying.profiles(of: company).filter {
            unusable.isSuperset(of: try Opener.recipients(of: $0.head))
        }.count
    }

    var description: String { "\(counted(messages, "message")) and \(counted(profiles, "profile"))" }
}
