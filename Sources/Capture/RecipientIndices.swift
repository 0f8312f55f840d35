public import Core
import Sealing

extension Routing.Company {
    /// Recipients of a message that the database finds it by. Postfix takes as many from a client at a time
    /// (smtpd_recipient_limit); a program on the mail host may hand in a message to any number.
    public static let recipientLimit = 1000

    /// Blind indices of a message's recipients, each once. Of more than the limit the company's own come first: they
    /// are the ones who take part in its threads.
    func recipientIndices(of envelope: Envelope, key: Routing.IndexKey) throws -> [[UInt8]] {
        var recipients = envelope.recipients
        if recipients.count > Self.recipientLimit {
            let own = recipients.filter { $0.domain.map(domains.contains) ?? false }
            recipients = own + recipients.filter { !($0.domain.map(domains.contains) ?? false) }
        }
        var indices: [[UInt8]] = []
        var seen: Set<[UInt8]> = []
        for recipient in recipients {
            guard indices.count < Self.recipientLimit else { break }
            let index = try key.addressIndex(base(recipient))
            if seen.insert(index).inserted { indices.append(index) }
        }
        return indices
    }
}
