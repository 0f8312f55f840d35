import Submission
import Testing

@Suite struct RefreshTokenTests {
    @Test(arguments: [
        ("https://oauth2.googleapis.com/token", true), ("http://127.0.0.1:8080/token", true),
        ("http://localhost/token", true), ("http://oauth2.googleapis.com/token", false), ("token", false),
        ("ftp://127.0.0.1/", false), ("http://127.0.0.1.evil.example/", false),
    ])
    func `a refresh token is sent only over https or to loopback`(endpoint: String, isAllowed: Bool) {
        #expect(RefreshToken.isAllowed(endpoint: endpoint) == isAllowed)
    }
}
