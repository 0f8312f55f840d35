public import Core

/// A message that asks for answers at another address than the candidate's, in Reply-To (RFC 5322 section 3.6.2).
///
/// Whoever can write into a thread can ask for that, under the candidate's name where nobody checks it: so the address
/// is used only if a person says so, and never with a `refusal`.
public struct ReplyRequest: Hashable, Sendable {
    /// Why the address is not used, whoever asks for it.
    public enum Refusal: Hashable, Sendable {
        /// There is more than one address, or it cannot be told which it is.
        case unclear
        /// It is at one of the company's own domains.
        case company
        /// The message is not by the candidate's address.
        case otherAuthor
        /// It is not of whom it says, as a trusted host has found.
        case forged
    }

    /// As mail has it, in the normal form. One of them, if it is not clear which.
    public let address: String
    /// Whether a trusted host has found that the message is of whom it says.
    public let authentication: Authentication
    /// Nil if it may be used.
    public let refusal: Refusal?

    /// Nil for a message that asks for nothing else than answers to the candidate's address, or comes from the company.
    init?(
        _ header: HeaderSection, direction: Direction, authentication: Authentication, candidate: Address,
        domains: Set<String>
    ) {
        let lists = header.values("Reply-To").map { AddressList($0) }
        let others = lists.flatMap(\.addresses).filter { $0 != candidate && !$0.isNull }
        guard direction == .inbound, let other = others.first else { return nil }
        address = other.mailbox
        self.authentication = authentication
        refusal =
            if lists.count != 1 || lists[0].only == nil || lists[0].isAmbiguous || Address.command(other.mailbox) == nil
            {
                .unclear
            } else if other.isAt(domains) || other.routed?.isAt(domains) == true {
                .company
            } else if authentication == .fail {
                .forged
            } else if header.author != candidate {
                .otherAuthor
            } else {
                nil
            }
    }
}

/// Where an answer goes if the message that it answers asks for another address.
public enum AnswerDestination {
    /// To the candidate's address, whatever the message asks for.
    case candidate
    /// To the address in Reply-To, if it is this one; otherwise nothing is sent.
    case replyTo(Address)
    /// To the address in Reply-To if a person agrees.
    case asked((ReplyRequest) throws -> Bool)
}
