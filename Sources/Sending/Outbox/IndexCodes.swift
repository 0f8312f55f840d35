import Core
import Sealing

/// A message's dedupe keys and blind indices under one index key of the company. The database computes them, since the
/// reader's machine never has the key.
struct IndexCodes: Hashable {
    /// What they are computed of, in the order in which the database is asked.
    struct Inputs {
        let header: HeaderSection
        /// SHA-256.
        let bodyDigest: [UInt8]
        let entry: EntryID
        let sender: String
        let recipient: String
        /// Without angle brackets.
        let messageID: [UInt8]

        var list: [[UInt8]] {
            [
                IndexInput.mail(thread: ThreadID(rawValue: 1), header: header, bodyDigest: bodyDigest), EntryToken.dedupeBytes(of: entry),
                IndexInput.address(Address(path: sender)), IndexInput.address(Address(path: recipient)),
                IndexInput.messageID(messageID),
            ]
        }
    }

    /// Of the index key.
    let version: UInt8
    /// Of the mail, 32 bytes.
    let dedupeKey: [UInt8]
    /// Of its entry token, by which the message is recognised whatever servers change on the way, 32 bytes.
    let tokenDedupeKey: [UInt8]
    /// 16 bytes each.
    let sender: [UInt8]
    let recipient: [UInt8]
    let messageID: [UInt8]

    /// `codes` are the HMACs of `Inputs.list`, 32 bytes each.
    init(version: UInt8, codes: [[UInt8]]) {
        precondition(codes.count == 5)
        func index(_ code: [UInt8]) -> [UInt8] { Array(code.prefix(Routing.IndexKey.indexLength)) }
        self.version = version
        (dedupeKey, tokenDedupeKey) = (codes[0], codes[1])
        (sender, recipient, messageID) = (index(codes[2]), index(codes[3]), index(codes[4]))
    }
}
