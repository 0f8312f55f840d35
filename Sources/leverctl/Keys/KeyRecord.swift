import Core
import Store
import Unsealing

/// A key as `key generate` and `key list` show it.
struct KeyRecord: Encodable {
    let kind: String
    /// The id of a sealing key; the version of a marker or index key.
    let keyID: String
    let state: String
    let createdAt: Timestamp
    let escrow: Bool?
    let messages: Int?
    let profiles: Int?

    init(_ key: StoredSealingKey, messages: Int? = nil, profiles: Int? = nil) {
        kind = KeyKind.sealing.rawValue
        keyID = key.keyID.hex
        state = key.state.rawValue
        createdAt = key.createdAt
        escrow = key.isEscrow
        self.messages = messages
        self.profiles = profiles
    }

    init(_ secret: StoredSecret) {
        kind = secret.kind.rawValue
        keyID = String(secret.version)
        state = secret.state.rawValue
        createdAt = secret.createdAt
        escrow = nil
        messages = nil
        profiles = nil
    }
}

/// The number of profiles sealed to each key, by key id.
func profilesByKey(_ profiles: [ProfileHead]) throws -> [[UInt8]: Int] {
    var counts: [[UInt8]: Int] = [:]
    for profile in profiles {
        for key in try Opener.recipients(of: profile.head) { counts[key, default: 0] += 1 }
    }
    return counts
}
