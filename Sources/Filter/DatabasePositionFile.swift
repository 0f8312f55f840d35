import Spool
import Store
import System

/// Which database the messages in delivered/ were delivered to, and how far it had come then: one line,
/// `LVHIST1 system database timeline table position`, numbers in decimal.
struct DatabasePositionFile: Sendable {
    let path: String

    func save(_ history: DatabasePosition) throws(SpoolError) {
        let numbers = [history.system, history.database, history.timeline, history.table, history.position]
        let line = "LVHIST1 \(numbers.map(String.init).joined(separator: " "))\n"
        try SpoolError.wrapping(replaceFile(path, with: Array(line.utf8)))
    }

    /// Nil where there is none, or none that can be read: what is in delivered/ may be missing from any database then.
    func load() throws(SpoolError) -> DatabasePosition? {
        guard let bytes = try SpoolError.wrapping(contents(ofFile: path)) else { return nil }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let numbers = words.dropFirst().compactMap { Int64($0) }
        guard words.count == 6, words[0] == "LVHIST1", numbers.count == 5 else { return nil }
        return DatabasePosition(
            system: numbers[0], database: numbers[1], timeline: numbers[2], table: numbers[3], position: numbers[4])
    }
}
