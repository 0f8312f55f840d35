public import Core
public import Store
public import Unsealing

/// The name and address of a candidate; of a user or a never-log entry, the address with an empty name. The database
/// holds it only sealed.
public struct CandidateProfile: Hashable, Sendable {
    public var name: String
    public var email: String

    public init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// The sealed content: name, then address, in UTF-8, each after its length (32-bit big-endian).
    public var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.lengthPrefixed(name.utf8)
        writer.lengthPrefixed(email.utf8)
        return writer.bytes
    }

    /// Reads the sealed content. Throws for anything but two strings.
    public init(bytes: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        name = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        email = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }

    /// Opens a profile. Throws `OpeningError`: content of another form is `damaged`, and what cannot be a name and an
    /// address is `unusable`.
    public init(_ profile: SealedProfile, with keys: KeyRing) throws(OpeningError) {
        let content = try keys.open(profile.sealed, expecting: profile.binding)
        do throws(ByteReader.Malformed) {
            self = try CandidateProfile(bytes: content)
        } catch {
            throw .damaged
        }
        guard Address.isAcceptable(email), name.unicodeScalars.allSatisfy(Self.canBeInName) else { throw .unusable }
    }

    private static func canBeInName(_ scalar: Unicode.Scalar) -> Bool {
        ![.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}
