import CLibpq

extension DatabaseInspection {
    /// How the server is reached.
    public struct Transport: Hashable, Sendable {
        /// The directory of a unix socket.
        public let host: String
        /// Nil for a unix socket.
        public let address: String?
        public let isEncrypted: Bool
        public let sslmode: String

        public init(host: String, address: String?, isEncrypted: Bool, sslmode: String) {
            self.host = host
            self.address = address
            self.isEncrypted = isEncrypted
            self.sslmode = sslmode
        }
    }

    public var transport: Transport { connection.transport }
}

extension Connection {
    fileprivate var transport: DatabaseInspection.Transport {
        func text(_ value: UnsafePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
        let host = text(PQhost(handle))
        let address = text(PQhostaddr(handle))
        var sslmode = ""
        if let options = PQconninfo(handle) {
            defer { PQconninfoFree(options) }
            for option in sequence(first: options, next: { $0 + 1 }) {
                guard let keyword = option.pointee.keyword else { break }
                if text(keyword) == "sslmode" { sslmode = text(option.pointee.val) }
            }
        }
        return DatabaseInspection.Transport(
            host: host, address: host.hasPrefix("/") || host.hasPrefix("@") || address.isEmpty ? nil : address,
            isEncrypted: PQsslInUse(handle) == 1, sslmode: sslmode)
    }
}
