import TestSupport
import Testing

/// A test's own company with a thread and a forward address.
struct ForwardingSite: Sendable {
    let company: OwnCompany
    let thread: OwnCompany.Thread
    let address: String

    /// Returns when the mail hosts know the company.
    init(_ mode: String, domain: String = "inbox.example") async throws {
        company = try await OwnCompany()
        thread = try company.startThread()
        address = "\(company.word)@\(domain)"
        guard mode != "store" else { return }
        try company.ctl.check("company", "set", company.name, "--capture", mode, "--forward-to", address)
        try await company.changesAreKnown()
    }

    func letter(_ subject: String = "Reply") -> Letter { Letter(subject).answering(thread.messageId) }

    /// The copies of a message by recipient, once Postfix is done with it.
    func copies(_ queueID: String, on postfix: PostfixInstance) async throws -> [String: Maildir.Message] {
        try await postfix.isDone(with: queueID)
        return Dictionary(
            try postfix.maildir.messages(queueID: queueID).map { ($0.trace("Delivered-To") ?? "", $0) },
            uniquingKeysWith: { first, _ in
                Issue.record("a recipient has two copies of \(queueID)")
                return first
            })
    }

    /// Sends a message through a mail host, and returns its outcome. The forward address must not get it.
    func pass(
        _ message: [UInt8], from: String, to: [String], by host: OwnMailHost? = nil
    ) async throws -> MailHost.Story {
        let postfix = host?.postfix ?? company.host.postfix
        let client = try SMTPClient(port: postfix.port())
        let id = try client.send(message, from: from, to: to)
        try client.quit()
        let story = if let host { try await host.story(of: id) } else { try await company.host.story(of: id) }
        let recipients = try await copies(id, on: postfix).keys.sorted()
        #expect(recipients == to.sorted())
        return story
    }
}

extension PostfixInstance {
    /// Waits until Postfix has no recipient of the message left to deliver to.
    func isDone(with queueID: String) async throws {
        try await waitUntil("Postfix to be done with \(queueID)") {
            try mailLog().contains(": \(queueID): removed\n")
        }
    }
}

extension Letter {
    /// With its angle brackets.
    var messageID: String { fields.first { $0.name == "Message-ID" }?.value ?? "" }
}

extension MailHost.Story {
    var queueID: String { String(line.prefix { $0 != ":" }) }
}
