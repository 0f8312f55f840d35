public import Core
import Sealing
import System

/// The last valid routing snapshot, with which the daemon starts while the database is unavailable. Mode 0600, since it
/// holds marker and index keys.
///
///     "LVROUTE1" | u32 count | rows: i64 company, item, name, u8 version, value (counted) | SHA-256 of all before
public struct RoutingFile: Sendable {
    public let path: String

    private static let magic = Array("LVROUTE1".utf8)

    public struct Damaged: Error, CustomStringConvertible {
        public let description: String
    }

    public init(path: String) { self.path = path }

    /// Saves the rows, durably. Returns false, without writing, if the file has these rows already.
    @discardableResult
    public func save(_ rows: [Routing.Row]) throws -> Bool {
        var writer = ByteWriter()
        writer.raw(Self.magic)
        writer.integer(UInt32(rows.count))
        for row in rows {
            writer.integer(row.company.rawValue)
            writer.lengthPrefixed(row.item.rawValue.utf8)
            writer.lengthPrefixed(row.name.utf8)
            writer.integer(row.version)
            writer.lengthPrefixed(row.value)
        }
        let digest = try SHA256.digest(of: writer.bytes)
        if let old = try? contents(ofFile: path), old == writer.bytes + digest { return false }
        try SpoolError.wrapping(replaceFile(path, with: writer.bytes + digest))
        return true
    }

    /// Nil if there is no snapshot yet. Throws `Damaged` if the file is not as it was written.
    public func load() throws -> [Routing.Row]? {
        guard let file = try FileDescriptor.spooled(path) else { return nil }
        let bytes = try SpoolError.wrapping(file.readToEnd())
        let damaged = Damaged(description: "\(path) is damaged; remove it and start with the database reachable")
        guard try SHA256.digest(of: Array(bytes.dropLast(32))) == Array(bytes.suffix(32)) else { throw damaged }
        do {
            var reader = ByteReader(bytes.dropLast(32))
            guard try reader.raw(8) == Self.magic else { throw damaged }
            var rows: [Routing.Row] = []
            for _ in 0..<(try reader.integer(UInt32.self)) {
                let company = CompanyID(rawValue: try reader.integer())
                guard
                    let item = Routing.Row.Item(rawValue: String(decoding: try reader.lengthPrefixed(), as: UTF8.self))
                else { throw damaged }
                rows.append(
                    Routing.Row(
                        company: company, item: item,
                        name: String(decoding: try reader.lengthPrefixed(), as: UTF8.self),
                        version: try reader.integer(), value: try reader.lengthPrefixed()))
            }
            return rows
        } catch {
            throw damaged
        }
    }
}
