public import Core
import Sealing

extension Routing.Company {
    /// The blind index of the first id in Message-ID, by which the message is looked up. Nil if there is no id, or the
    /// company has no index key. Throws `CryptoError` if OpenSSL fails.
    public func messageIDIndex(of header: HeaderSection) throws -> BlindIndex? {
        guard let indexKey, let id = MessageIDList.ids(in: header.values("Message-ID")).first else { return nil }
        return BlindIndex(version: indexKey.version, bytes: try indexKey.messageIDIndex(id))
    }
}
