// Unsealing: everything that takes a company's private key: opening and re-wrapping sealed messages, private key files,
// and signatures with that key. For the readers' programs; the daemon never links it, and a check on its binary proves
// that. May use Core, Sealing and libcrypto.

public import Core
import Sealing

/// Opens sealed messages. Content is returned only if it was sealed to the key, is complete and unchanged, and belongs
/// to the row it was found in.
///
/// BUGS: Some changes to a head are not detected, just as re-wrapping is not: to another recipient's record, and to the
/// sign of an ephemeral point, since ECDH uses only the x coordinate. The content is authenticated all the same.
public enum Opener {
    /// The content of a sealed message, without the binding in front of it. Holds the content in memory once, in
    /// addition to the sealed message.
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
            // Do not tell an attacker which step failed.
            throw .damaged
        }
        guard foundBinding == binding.bytes else { throw .boundElsewhere }
        return content
    }

    /// The ids of the keys that open a sealed message, in the head's order. Throws `damaged`.
    public static func recipients(of head: [UInt8]) throws(OpeningError) -> [[UInt8]] {
        try SealedHead.reading(head).recipients.map(\.keyID)
    }
}
