public import Core
import Sealing

/// The marker that is added to References of an outgoing message. Every reply repeats it there, even if a relay
/// replaces the Message-ID.
public struct ReferencesStamp: Hashable, Sendable {
    public static let fieldName = "References"

    /// The new value of References: the marker, then the ids that were there.
    public let value: String

    /// Nil if there is nothing to do: the company does not stamp, the message is not outbound or has no genuine marker
    /// in X-Lever-Thread, References has the marker already, or a DKIM signature covers References and a change would
    /// break it.
    ///
    /// Throws `CryptoError` if OpenSSL fails.
    public init?(_ match: MatchedMessage, header: HeaderSection) throws {
        guard match.company.stamps, match.direction == .outbound, !Self.isSigned(header) else { return nil }
        let references = header.unfolded(Self.fieldName)
        let marker = try MessageIDList.ids(in: header.values(MarkerField.leverThread.name)).lazy
            // The field's own domain, not only the configured ones: the domain is signed as well.
            .compactMap { id in Marker(messageID: id, domains: Self.domain(of: id)) }
            .first { marker in
                guard marker.company == match.company.id, let key = match.company.markerKeys[marker.keyID] else {
                    return false
                }
                return try marker.isAuthentic(key: HMACKey(key))
            }
        guard let marker else { return nil }
        let id = marker.messageID.utf8.dropFirst().dropLast()
        guard !MessageIDList.ids(in: header.values(Self.fieldName)).contains(where: { $0.elementsEqual(id) }) else {
            return nil
        }
        let rest = String(decoding: Array(references.joined(separator: Array(" ".utf8))), as: UTF8.self)
        guard rest.utf8.count <= Self.lengthLimit else { return nil }
        // Each id on a line of its own, so that no line grows too long (RFC 5322 section 2.1.1).
        let ids = rest.split { $0 == " " || $0 == "\t" }
        value = ([marker.messageID[...]] + ids).joined(separator: "\n ")
    }

    /// References with more bytes than this are left alone.
    private static let lengthLimit = 50_000

    private static func domain(of id: [UInt8]) -> [String] {
        let domain = id.lastIndex(of: UInt8(ascii: "@")).map { id[($0 + 1)...] } ?? []
        return [String(decoding: domain.map(\.asciiLowercased), as: UTF8.self)]
    }

    /// The tag `h` of DKIM-Signature lists the fields that are covered (RFC 6376 section 3.5).
    private static func isSigned(_ header: HeaderSection) -> Bool {
        header.unfolded("DKIM-Signature").contains { signature in
            signature.split(separator: UInt8(ascii: ";")).contains { tag in
                let text = String(decoding: tag.filter { !$0.isBlank }.map(\.asciiLowercased), as: UTF8.self)
                return text.hasPrefix("h=") && text.dropFirst(2).split(separator: ":").contains("references")
            }
        }
    }
}
