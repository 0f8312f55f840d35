import Testing

@testable import Store

@Suite struct HMACTests {
    /// RFC 4231, 4.2 and 4.3.
    @Test(arguments: [
        (
            "decode(repeat('0b', 20), 'hex')", "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            "'Jefe'", "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
    ])
    func `the database's HMAC is that of RFC 4231`(key: String, message: String, code: String) throws {
        let database = try StoreDatabase.common()
        #expect(try database.query("SELECT encode(lever.hmac(\(key), '\(message)'), 'hex')") == code)
    }
}
