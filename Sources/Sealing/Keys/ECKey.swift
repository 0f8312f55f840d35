import CLibcrypto

/// A P-256 key: the public half, or both. Sole owner of an `EVP_PKEY`. Any thread.
package struct ECKey: ~Copyable {
    package let pointer: OpaquePointer
    /// The public half: an uncompressed point (SEC 1 section 2.3.3), 65 bytes.
    package let point: [UInt8]

    package static let pointLength = 65

    /// SubjectPublicKeyInfo (RFC 5480) up to the point.
    package static let subjectPublicKeyInfoPrefix: [UInt8] = {
        let algorithm = DER.element(.sequence, DER.OID.ecPublicKey + DER.OID.p256)
        let bitString = DER.element(.bitString, [0], following: pointLength)
        return DER.element(.sequence, algorithm + bitString, following: pointLength)
    }()

    /// Takes ownership of a key, which the caller knows to be on P-256. On an error the key is freed.
    package init(adopting pointer: OpaquePointer) throws(CryptoError) {
        var point = [UInt8](repeating: 0, count: Self.pointLength)
        do throws(CryptoError) {
            // A key read from a file keeps its point format, which may be compressed.
            try CryptoError.check("write a P-256 public key") {
                EVP_PKEY_set_utf8_string_param(pointer, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed")
                    & EVP_PKEY_get_octet_string_param(pointer, OSSL_PKEY_PARAM_PUB_KEY, &point, point.count, nil)
            }
        } catch {
            EVP_PKEY_free(pointer)
            throw error
        }
        self.pointer = pointer
        self.point = point
    }

    /// A public key. Throws unless the bytes are an uncompressed point of the curve.
    package init(point: some Collection<UInt8>) throws(CryptoError) {
        let operation = "read a P-256 public key"
        guard point.count == Self.pointLength, point.first == 4 else {
            throw CryptoError(operation: operation, reason: "it is not an uncompressed point")
        }
        let encoded = Self.subjectPublicKeyInfoPrefix + point
        let decoded = try? CryptoError.unwrap(operation) {
            encoded.withUnsafeBufferPointer { bytes in
                var next = bytes.baseAddress
                return d2i_PUBKEY(nil, &next, bytes.count)
            }
        }
        // Everything but the point is our own prefix, so the point is at fault whatever reason libcrypto gives.
        guard let decoded else { throw CryptoError(operation: operation, reason: "the point is not on the curve") }
        try self.init(adopting: decoded)
    }

    package static func generate() throws(CryptoError) -> ECKey {
        try ECKey(adopting: CryptoError.unwrap("make a P-256 key") { CLibcrypto_generate_p256() })
    }

    deinit { EVP_PKEY_free(pointer) }

    /// ECDH: the x coordinate, 32 bytes. Requires the private half. Both points are known to be on the curve, and its
    /// cofactor is 1, so every point is a valid key (SEC 1 section 3.2.2) and the peer is not validated again.
    func sharedSecret(with peer: borrowing ECKey) throws(CryptoError) -> SecretBytes {
        let operation = "agree on a key"
        let (own, other) = (pointer, peer.pointer)
        let context = try CryptoError.unwrap(operation) { EVP_PKEY_CTX_new_from_pkey(nil, own, nil) }
        defer { EVP_PKEY_CTX_free(context) }
        try CryptoError.check(operation) { EVP_PKEY_derive_init(context) }
        try CryptoError.check(operation) { EVP_PKEY_derive_set_peer_ex(context, other, 0) }
        let secret = SecretBytes(count: 32)
        var length = secret.buffer.count
        try CryptoError.check(operation) { EVP_PKEY_derive(context, secret.pointer, &length) }
        precondition(length == secret.buffer.count)
        return secret
    }
}

// Immutable once made; libcrypto allows concurrent reads and counts references atomically.
extension ECKey: @unchecked Sendable {}
