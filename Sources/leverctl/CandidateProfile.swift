import Core
import Store
import Unsealing

/// Who a candidate is. The database has it sealed alone.
struct CandidateProfile {
    var name: String
    var email: String

    init(name: String, email: String) {
        self.name = name
        self.email = email
    }

    /// The sealed content: name and address, each with its length.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.counted(name.utf8)
        writer.counted(email.utf8)
        return writer.bytes
    }

    init(bytes: [UInt8]) throws(ByteReader.Malformed) {
        var reader = ByteReader(bytes)
        name = String(decoding: try reader.counted(), as: UTF8.self)
        email = String(decoding: try reader.counted(), as: UTF8.self)
        guard reader.isAtEnd else { throw ByteReader.Malformed() }
    }
}

extension Candidate {
    /// Throws `OpeningError`.
    func openProfile(with key: PrivateKey) throws -> CandidateProfile {
        let content = try Opener.open(profile, with: key, expecting: binding)
        do {
            return try CandidateProfile(bytes: content)
        } catch {
            throw OpeningError.damaged
        }
    }
}
