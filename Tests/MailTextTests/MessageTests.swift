import Testing

@testable import MailText

@Suite struct MessageTests {
    @Test func `An empty message shows nothing`() {
        let message = Message(raw: [])
        #expect(message.text.isEmpty && message.attachments.isEmpty && message.subject.isEmpty)
    }
}
