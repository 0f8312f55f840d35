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

    /// Not such a file, or its signature is wrong.
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

    /// The file's content.
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
        let names = ["company", "sequence", "hash", "time", "signer", "signature"]
        guard lines.count == names.count + 2, lines[0] == Self.title, lines.last == "" else { throw .notAHead }
        var values: [String: String] = [:]
        for (name, line) in zip(names, lines.dropFirst()) {
            guard line.hasPrefix("\(name): ") else { throw .notAHead }
            values[name] = String(line.dropFirst(name.count + 2))
        }
        guard let company = Int64(values["company"]!), let sequence = Int64(values["sequence"]!),
            let hash = [UInt8](hex: values["hash"]!), hash.count == SHA256.length,
            let signer = [UInt8](hex: values["signer"]!).flatMap(VerifyingKey.init(bytes:)),
            let signature = [UInt8](hex: values["signature"]!), signature.hex == values["signature"]
        else { throw .notAHead }
        let signed = lines[..<names.count].joined(separator: "\n") + "\n"
        guard signer.isValid(signature, of: Array(signed.utf8)) else { throw .badSignature }
        self.company = CompanyID(rawValue: company)
        self.sequence = sequence
        self.hash = hash
        self.signer = signer
    }
}
