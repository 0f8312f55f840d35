import ArgumentParser
import Core

extension EntryID {
    /// The entry id of an argument. Throws `ValidationError`.
    static func parse(_ text: String) throws -> EntryID {
        guard let entry = EntryID(text) else {
            throw ValidationError(
                "'\(text.printable())' is not an entry id; leverctl timeline and leverctl outbox list show them.")
        }
        return entry
    }
}
