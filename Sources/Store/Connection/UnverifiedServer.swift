import CLibpq

/// A server on another host whose certificate would not be verified: whoever is on the way could read the companies'
/// keys, or be the database.
public struct UnverifiedServer: Error, CustomStringConvertible {
    /// As the connection string, the environment or libpq names it.
    let host: String
    let sslmode: String

    public var description: String {
        "\(host) is not on this host, and sslmode is '\(sslmode)', so nobody verifies that it is the database; add "
            + "sslmode=verify-full to the connection string (and sslrootcert= if the authority is your own), or set "
            + "'insecure_database: yes'"
    }

    /// Throws for the first such server. Connects to none.
    ///
    /// What libpq will use counts: the connection string, then the environment (PGHOST, PGSSLMODE, PGSERVICE …), then
    /// libpq's own defaults. What a `service=` in the string adds is not looked up; such a string must say
    /// sslmode=verify-full itself. A malformed string passes: connecting refuses it.
    public static func check(_ conninfo: String) throws(UnverifiedServer) {
        try check(conninfo, inherited: options(PQconndefaults()) ?? [:])
    }

    /// `inherited` is what libpq takes for what the string leaves out.
    static func check(_ conninfo: String, inherited: [String: String]) throws(UnverifiedServer) {
        guard let given = options(PQconninfoParse(conninfo, nil)) else { return }
        func value(_ keyword: String) -> String {
            if let value = given[keyword], !value.isEmpty { return value }
            return given["service"] == nil ? inherited[keyword] ?? "" : ""
        }
        let sslmode = value("sslmode")
        guard sslmode != "verify-full" else { return }
        let mode = sslmode.isEmpty ? "prefer" : sslmode
        if let service = given["service"] { throw UnverifiedServer(host: "service \(service)", sslmode: mode) }
        let (hosts, addresses) = (list(value("host")), list(value("hostaddr")))
        for index in 0..<max(hosts.count, addresses.count, 1) {
            let host = index < hosts.count ? hosts[index] : ""
            let address = index < addresses.count ? addresses[index] : ""
            guard isLocal(host: host, address: address) else {
                throw UnverifiedServer(host: address.isEmpty ? host : address, sslmode: mode)
            }
        }
    }

    /// On a socket of this host, or its loopback interface. A name says nothing where there is an address.
    private static func isLocal(host: String, address: String) -> Bool {
        guard address.isEmpty else { return isLoopback(address) }
        return host.isEmpty || host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || isLoopback(host)
    }

    private static func isLoopback(_ address: String) -> Bool {
        if address == "::1" { return true }
        let numbers = address.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }

    private static func list(_ text: String) -> [String] {
        text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func options(_ options: UnsafeMutablePointer<PQconninfoOption>?) -> [String: String]? {
        guard let options else { return nil }
        defer { PQconninfoFree(options) }
        var values: [String: String] = [:]
        for option in sequence(first: options, next: { $0 + 1 }) {
            guard let keyword = option.pointee.keyword else { break }
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
        }
        return values
    }
}
