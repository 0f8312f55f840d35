import Core
import Sealing
import Testing

@testable import Sending

@Suite struct IndexCodesTests {
    @Test func `the codes are those that a mail host computes with the key`() throws {
        let key = Routing.IndexKey(version: 3, key: [UInt8](repeating: 7, count: 32))
        let message = RawMessage(Array("Message-ID: <a@b>\r\nFrom: Rita\r\n\r\nhi\r\n".utf8))
        let digest = try SHA256.digest(of: message.body)
        let entry = EntryID.make(at: .now())
        let inputs = IndexCodes.Inputs(
            header: message.header, bodyDigest: digest, entry: entry, sender: "rita@acme.example",
            recipient: "zoe@home.example", messageID: Array("a@b".utf8))
        let hmac = HMACKey(key.key)
        let codes = IndexCodes(version: 3, codes: try inputs.list.map { try hmac.authenticationCode(for: $0) })

        #expect(codes.version == 3)
        #expect(try codes.dedupeKey == key.dedupeKey(thread: ThreadID(rawValue: 1), header: message.header, bodyDigest: digest))
        #expect(try codes.tokenDedupeKey == hmac.authenticationCode(for: EntryToken.dedupeBytes(of: entry)))
        #expect(try codes.sender == key.addressIndex(Address(path: "rita@acme.example")))
        #expect(try codes.recipient == key.addressIndex(Address(path: "zoe@home.example")))
        #expect(try codes.messageID == key.messageIDIndex(Array("a@b".utf8)))
    }
}
