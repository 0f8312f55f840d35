import Core
import Reading
import Store
import Unsealing

/// What commands on a single message have in common.
extension ReaderSession {
    /// The company that was named, else the one that has the message.
    func company(_ nameOrID: String?, of entry: EntryID) throws -> CompanyID {
        if let nameOrID { return try company(nameOrID).id }
        let companies = try self.companies().map(\.id)
        // If no company has it, the first one is asked all the same, and its audit records the refusal.
        guard let first = companies.first else {
            throw CommandError("this login is not a user of any company; an administrator adds it: leverctl user add")
        }
        return try companies.first { try find(entry: entry, company: $0) != nil } ?? first
    }

    /// The raw message.
    func openedMessage(_ entry: EntryID, company: CompanyID, keys: KeyRing, _ purpose: Purpose) throws -> [UInt8] {
        do {
            return try rawMessage(of: entry, company: company, keys: keys, purpose)
        } catch let error as OpeningError {
            throw CommandError("message \(entry): \(error)")
        }
    }
}
