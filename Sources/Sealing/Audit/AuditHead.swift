public import Core

/// The head of a company's audit chain, signed and kept outside the database: it vouches for every row up to it. A text
/// file, lines of `name: value`:
///
///     lever-milter audit head 1
///     company: 1
///     sequence: 42
///     hash: 64 hexadecimal digits
///     time: 2026-11-24T09:30:00.000Z
///     signer: the Ed25519 public key, 64 hexadecimal digits
///     signature: of all lines before, 128 hexadecimal digits
public struct AuditHead: Hashable, Sendable {
    public let company: CompanyID
    public let sequence: Int64
    /// 32 bytes.
    public let hash: [UInt8]
    public let signer: VerifyingKey

    /// The file is not an exported head, or its signature is invalid.
    public enum Malformed: Error, Hashable, CustomStringConvertible {
        case notAHead
        case badSignature

        public var description: String {
            switch self {
            case .notAHead: "not an exported audit head; leverctl audit export writes one"
            case .badSignature:
                "the signature does not match: the file was changed since leverctl audit export wrote it"
            }
        }
    }

    private static let title = "lever-milter audit head 1"

    /// Makes the content of a file.
    public static func export(
        company: CompanyID, sequence: Int64, hash: [UInt8], time: Timestamp, key: SigningKey
    ) throws(CryptoError) -> [UInt8] {
        let signed = """
            \(title)
            company: \(company)
            sequence: \(sequence)
            hash: \(hash.hex)
            time: \(time)
            signer: \(key.verifyingKey.bytes.hex)

            """
        return Array("\(signed)signature: \(try key.sign(Array(signed.utf8)).hex)\n".utf8)
    }

    /// Reads a file and checks its signature.
    public init(file: [UInt8]) throws(Malformed) {
        let text = String(decoding: file, as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 8, lines[0] == Self.title, lines[7].isEmpty else { throw .notAHead }
        func value(_ name: String, line: Int) throws(Malformed) -> Substring {
            guard lines[line].hasPrefix("\(name): ") else { throw .notAHead }
            return lines[line].dropFirst(name.count + 2)
        }
        _ = try value("time", line: 4)
        let signatureDigits = try value("signature", line: 6)
        guard let company = Int64(try value("company", line: 1)), let sequence = Int64(try value("sequence", line: 2)),
            let hash = [UInt8](hex: try value("hash", line: 3)), hash.count == SHA256.length,
            let signer = [UInt8](hex: try value("signer", line: 5)).flatMap(VerifyingKey.init(bytes:)),
            let signature = [UInt8](hex: signatureDigits), signature.hex == signatureDigits
        else { throw .notAHead }
        let signed = lines[..<6].joined(separator: "\n") + "\n"
        guard signer.isValid(signature, of: Array(signed.utf8)) else { throw .badSignature }
        self.company = CompanyID(rawValue: company)
        self.sequence = sequence
        self.hash = hash
        self.signer = signer
    }
}
