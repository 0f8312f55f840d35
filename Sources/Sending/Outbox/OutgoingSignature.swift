import Core
import Reading
import Sealing

/// The company's signature of a message in the outbox: `retry` sends what is there in the user's name, so it must be
/// what the user wrote. Sealing proves nothing of the kind.
enum OutgoingSignature {
    /// Binding (44 bytes) | login after its length (32-bit big-endian) | SHA-256 of the tail; and for a message that does
    /// not go to the candidate's address but, as the user said, to the one in Reply-To: that address after its length.
    static func statement(
        _ tail: [UInt8], _ binding: Binding, login: String, replyAddress: String?
    ) throws(CryptoError) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(binding.bytes)
        writer.lengthPrefixed(login.utf8)
        writer.raw(try SHA256.digest(of: tail))
        if let replyAddress { writer.lengthPrefixed(replyAddress.utf8) }
        return writer.bytes
    }
}
