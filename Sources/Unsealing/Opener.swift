public import Core
import Sealing

/// Opens sealed messages. What comes out was sealed to the key, is whole and unchanged, and belongs to the row it was
/// found in; short of all three nothing comes out.
///
/// BUGS: Some changes to a head leave what it opens, as re-wrapping does: to another recipient's keys, and to the sign
/// of an ephemeral point, of which ECDH uses the other coordinate. The content is as it was sealed all the same.
public enum Opener {
    /// The content of a sealed message, without the binding in front of it. Holds the content in memory once, beside
    /// the sealed message.
    public static func open(
        _ sealed: SealedMessage, with key: PrivateKey, expecting binding: Binding
    ) throws(OpeningError) -> [UInt8] {
        let head = try SealedHead.reading(sealed.head)
        let contentLength = head.ciphertextLength - Binding.length
        let macStart = sealed.tail.count - SealedHead.tailOverhead
        guard contentLength >= 0, contentLength <= Int32.max, macStart == head.ciphertextLength,
            sealed.tail[macStart...].starts(with: SealedHead.macHeader)
        else { throw .damaged }

        let contentKey = try head.contentKey(with: key)
        var foundBinding = [UInt8](repeating: 0, count: Binding.length)
        var content = [UInt8](repeating: 0, count: contentLength)
        do throws(CryptoError) {
            var cipher = try CipherContext.opening(with: contentKey, nonce: head.nonce)
            try cipher.decrypt(sealed.tail[..<Binding.length], into: &foundBinding)
            try cipher.decrypt(sealed.tail[Binding.length..<macStart], into: &content)
            try cipher.verify(tag: Array(sealed.tail.suffix(CipherContext.tagLength)))
        } catch {
            // An attacker who may try is not told how far he came.
            throw .damaged
        }
        guard foundBinding == binding.bytes else { throw .boundElsewhere }
        return content
    }

    /// The ids of the keys that a sealed message can be opened with, in the order of its head.
    public static func recipients(of head: [UInt8]) throws(OpeningError) -> [[UInt8]] {
        try SealedHead.reading(head).recipients.map(\.keyID)
    }
}

/// Why a sealed message was not opened.
public enum OpeningError: Error, Hashable, CustomStringConvertible {
    /// Sealed to other keys than the one at hand.
    case sealedToOthers(key: [UInt8], recipients: [[UInt8]])
    /// Head or tail is not as it was sealed, or head and tail are of two messages.
    case damaged
    /// Whole and unchanged, but not what the row says it is: moved here from another row.
    case boundElsewhere

    public var description: String {
        switch self {
        case .sealedToOthers(let key, let recipients):
            "not sealed to this private key (\(key.hex)); open it with the private key of "
                + recipients.map(\.hex).joined(separator: " or ")
        case .damaged:
            "damaged or tampered with: it does not open; restore it from a backup and find out who changed it"
        case .boundElsewhere:
            "sealed for another row than the one that holds it: it was moved; find out who changed the database"
        }
    }
}
