import CLibcrypto

/// The PEM file (RFC 7468) of one half of an Ed25519 key as stock openssl writes it: one block, with LF or CRLF, and
/// nothing else. Either half is a fixed DER prefix (RFC 8410) and 32 bytes, short enough for one line of base64.
///
/// Read without libcrypto's decoders, which read private keys of every kind: the daemon does not link those.
struct Ed25519PEM: Sendable {
    private let label: String
    private let prefix: [UInt8]

    /// Unencrypted PKCS#8; the 32 bytes are the seed.
    static let privateKey = Ed25519PEM(
        label: "PRIVATE KEY", prefix: [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20])
    /// SubjectPublicKeyInfo.
    static let publicKey = Ed25519PEM(
        label: "PUBLIC KEY", prefix: [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0])

    private var encodedLength: Int { prefix.count + Ed25519Key.length }
    private var begin: [UInt8] { Array("-----BEGIN \(label)-----".utf8) }
    private var end: [UInt8] { Array("-----END \(label)-----".utf8) }

    /// Makes the content of a file.
    func encode(_ key: some Collection<UInt8>) -> [UInt8] {
        let encoded = SecretBytes(count: encodedLength)
        encoded.buffer.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: encoded.buffer[prefix.count...]).copyBytes(from: key)
        let text = Self.base64(encoded, count: encodedLength)
        let newline = [UInt8(ascii: "\n")]
        return begin + newline + text.buffer + newline + end + newline
    }

    /// The 32 bytes of the key in a file.
    func decode(_ file: [UInt8]) throws(SigningKeyError) -> SecretBytes {
        let lines = file.split(separator: UInt8(ascii: "\n"))
            .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
            .filter { !$0.isEmpty }
        guard let first = lines.first, let last = lines.last else { throw .notAKey }
        guard first == begin[...] else { throw reason(toRefuse: String(decoding: first, as: UTF8.self)) }
        guard lines.count > 2, last == end[...] else { throw .notAKey }
        guard lines.count == 3 else { throw .notEd25519 }

        let text = lines[1]
        let encoded = SecretBytes(count: (encodedLength + 2) / 3 * 3)
        guard text.count == encoded.buffer.count / 3 * 4,
            text.withUnsafeBufferPointer({ EVP_DecodeBlock(encoded.pointer, $0.baseAddress, Int32($0.count)) })
                == encoded.buffer.count
        else { throw .notAKey }
        // EVP_DecodeBlock accepts more than one encoding of the same bytes.
        let spelling = Self.base64(encoded, count: encodedLength)
        guard spelling.buffer.elementsEqual(text) else { throw .notAKey }
        guard encoded.buffer.starts(with: prefix) else { throw .notEd25519 }
        let key = SecretBytes(count: Ed25519Key.length)
        key.buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: encoded.buffer[prefix.count..<encodedLength]))
        return key
    }

    /// Why a file is refused whose first line is not `begin`.
    private func reason(toRefuse first: String) -> SigningKeyError {
        guard first.hasPrefix("-----BEGIN ") else { return .notAKey }
        let isPrivate = first.hasSuffix("PRIVATE KEY-----")
        if label == Self.publicKey.label { return isPrivate ? .publicKeyExpected : .notAKey }
        if first.hasPrefix("-----BEGIN ENCRYPTED ") { return .encrypted }
        // The older forms (EC, RSA, OPENSSH) name their kind.
        return isPrivate ? .notEd25519 : first.hasSuffix("PUBLIC KEY-----") ? .privateKeyExpected : .notAKey
    }

    private static func base64(_ bytes: borrowing SecretBytes, count: Int) -> SecretBytes {
        let length = (count + 2) / 3 * 4
        // EVP_EncodeBlock appends a NUL.
        let terminated = SecretBytes(count: length + 1)
        EVP_EncodeBlock(terminated.pointer, bytes.pointer, Int32(count))
        let text = SecretBytes(count: length)
        text.buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: terminated.buffer.dropLast()))
        return text
    }
}
