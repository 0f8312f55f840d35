public import Core
import Sealing

extension Routing.Company {
    /// The index that a message is found by, of the first id in Message-ID. Nil where it has none, or the company no index
    /// key. Throws `CryptoError` where OpenSSL fails.
    public func messageIDIndex(of header: HeaderSection) throws -> BlindIndex? {
        guard let indexKey, let id = MessageIDList.ids(in: header.values("Message-ID")).first else { return nil }
        return BlindIndex(version: indexKey.version, bytes: try indexKey.messageIDIndex(id))
    }
}
