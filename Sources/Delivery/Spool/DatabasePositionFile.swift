import Spool
import Store
import System

/// The file that says which database the messages in delivered/ were delivered to, and its position then: one line,
/// `LVHIST1 system database timeline table position`, numbers in decimal.
struct DatabasePositionFile: Sendable {
    let path: String

    func save(_ position: DatabasePosition) throws(SpoolError) {
        let numbers = [position.system, position.database, position.timeline, position.table, position.position]
        let line = "LVHIST1 \(numbers.map(String.init).joined(separator: " "))\n"
        try SpoolError.wrapping(replaceFile(path, with: Array(line.utf8)))
    }

    /// Nil if there is no readable file: then any database may lack what is in delivered/.
    func load() throws(SpoolError) -> DatabasePosition? {
        guard let bytes = try SpoolError.wrapping(contents(ofFile: path)) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let numbers = words.dropFirst().compactMap { Int64($0) }
        guard words.count == 6, words[0] == "LVHIST1", numbers.count == 5 else { return nil }
        return DatabasePosition(
            system: numbers[0], database: numbers[1], timeline: numbers[2], table: numbers[3], position: numbers[4])
    }
}
