// Sealing: the cryptography of the mail host. Seals messages to public keys, signs them with the host's key, and
// computes markers, tokens, blind indices and the audit chain. May use Core and libcrypto. Nothing here opens a sealed
// message or loads a key that does: that is Unsealing, which the daemon never links.

public import Core

/// Seals one message, chunk by chunk, into a CMS AuthEnvelopedData (RFC 5083): AES-256-GCM under a fresh key and nonce,
/// the key wrapped for each recipient. Holds no content, so memory use does not grow with the message. Owned by the
/// message's session; one thread at a time. After an error, discard everything sealed so far.
public struct MessageSealer: ~Copyable {
    private var cipher: CipherContext
    private let nonce: [UInt8]
    private let recipients: [Recipient]
    private var ciphertextLength = 0
    /// Sealed in front of the content; nil once that is done.
    private var binding: [UInt8]?

    /// Throws if there is no recipient: nobody could ever open the message.
    public init(binding: Binding, recipients: [SealingKey]) throws(CryptoError) {
        guard !recipients.isEmpty else {
            throw CryptoError(operation: "seal a message", reason: "the company has no sealing key")
        }
        let contentKey = try SecretBytes.random(count: 32)
        var wrapped: [Recipient] = []
        for recipient in recipients { wrapped.append(try .wrapping(contentKey, for: recipient)) }
        let nonce = try randomBytes(CipherContext.nonceLength)
        cipher = try .sealing(with: contentKey, nonce: nonce)
        self.nonce = nonce
        self.recipients = wrapped
        self.binding = binding.bytes
    }

    /// Seals a chunk of content and appends it to `ciphertext`, which the caller keeps or writes out as the tail.
    public mutating func seal(_ chunk: some Collection<UInt8>, into ciphertext: inout [UInt8]) throws(CryptoError) {
        if let binding {
            self.binding = nil
            try encrypt(binding, into: &ciphertext)
        }
        try encrypt(chunk, into: &ciphertext)
    }

    /// Appends the end of the tail and returns the head.
    public consuming func finish(into tail: inout [UInt8]) throws(CryptoError) -> [UInt8] {
        try seal([], into: &tail)
        tail += try SealedHead.macHeader + cipher.finish()
        return SealedHead(recipients: recipients, nonce: nonce, ciphertextLength: ciphertextLength).encoded
    }

    private mutating func encrypt(_ bytes: some Collection<UInt8>, into ciphertext: inout [UInt8]) throws(CryptoError) {
        let start = ciphertext.count
        ciphertext.append(contentsOf: bytes)
        do throws(CryptoError) {
            try ciphertext.withUnsafeMutableBufferPointer { all throws(CryptoError) in
                try cipher.encrypt(UnsafeMutableBufferPointer(rebasing: all[start...]))
            }
        } catch {
            ciphertext.removeSubrange(start...)
            throw error
        }
        ciphertextLength += bytes.count
    }
}

extension SealedMessage {
    /// Seals content that is already in memory.
    public init(sealing content: [UInt8], binding: Binding, recipients: [SealingKey]) throws(CryptoError) {
        var sealer = try MessageSealer(binding: binding, recipients: recipients)
        var tail: [UInt8] = []
        try sealer.seal(content, into: &tail)
        let head = try sealer.finish(into: &tail)
        self.init(head: head, tail: tail)
    }
}
