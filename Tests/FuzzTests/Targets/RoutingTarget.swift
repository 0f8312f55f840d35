import Core
import Sealing
import Spool

/// The input is a file: raw if its first byte is even, else the rest with the digest added.
enum RoutingTarget {
    static func run(_ input: [UInt8]) throws {
        guard let first = input.first else { return }
        var file = Array(input.dropFirst())
        if first & 1 == 1 { file += try SHA256.digest(of: file) }
        let path = try AnonymousFile(file)
        let rows: [Routing.Row]
        do {
            guard let found = try RoutingFile(path: path.path).load() else {
                throw FuzzTarget.Broken(description: "a file that is there is read")
            }
            rows = found
        } catch is RoutingFile.Damaged {
            return
        }
        let routing: Routing
        do {
            routing = try Routing(rows: rows)
        } catch {
            return
        }
        for row in rows {
            try require("every company is there", routing[row.company] != nil)
            if row.item == .domain {
                try require(
                    "a domain is its company's", routing.company(domain: row.name.lowercased())?.id == row.company)
            }
        }
    }
}
