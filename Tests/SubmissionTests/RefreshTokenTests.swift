import Submission
import TestSupport
import Testing

@Suite struct RefreshTokenTests {
    @Test(arguments: [
        ("https://oauth2.googleapis.com/token", true), ("http://127.0.0.1:8080/token", true),
        ("http://localhost/token", true), ("http://[::1]:8080/token", true),
        ("http://oauth2.googleapis.com/token", false), ("token", false), ("", false), ("ftp://127.0.0.1/", false),
        ("http://127.0.0.1.evil.example/", false), ("http://127.0.0.1@evil.example/", false),
    ])
    func `a refresh token is sent only over https or to loopback`(endpoint: String, isAllowed: Bool) {
        #expect(RefreshToken.isAllowed(endpoint: endpoint) == isAllowed)
    }

    @Test func `a refresh token gives access tokens, and its replacement gives the next one`() throws {
        let provider = try TokenService()
        defer { provider.stop() }
        provider.grant(refreshToken: "first", to: "rita")
        let first = RefreshToken(
            endpoint: provider.tokenURL, clientID: "lever milter&co", clientSecret: "=%+ä", token: "first",
            scope: "mail.send offline_access")
        let (access, replacement) = try first.accessToken()
        let second = try #require(replacement)
        #expect(!access.isEmpty && second.token != "first")
        #expect(second.clientSecret == first.clientSecret && second.scope == first.scope)
        let (other, third) = try second.accessToken()
        #expect(other != access && third != nil)
        #expect(
            provider.requests.first == [
                "grant_type": "refresh_token", "client_id": "lever milter&co", "refresh_token": "first",
                "client_secret": "=%+ä", "scope": "mail.send offline_access",
            ])

        // The provider took it back when it was used.
        let error = #expect(throws: SubmissionError.self) { try first.accessToken() }
        #expect(error?.kind == .tokenRevoked && error?.code == 400)
        #expect(error?.description.contains("sign in at the provider again") == true)
    }

    @Test func `a client without a secret or a scope sends neither`() throws {
        let provider = try TokenService()
        defer { provider.stop() }
        provider.grant(refreshToken: "first", to: "rita")
        _ = try token(at: provider.tokenURL).accessToken()
        #expect(provider.requests == [["grant_type": "refresh_token", "client_id": "c", "refresh_token": "first"]])
    }

    @Test(arguments: [#"{"access_token":"a"}"#, #"{"access_token":"a","refresh_token":"first"}"#])
    func `a provider that does not replace the refresh token leaves it in use`(_ body: String) throws {
        let provider = try CannedServer(status: "200 OK", body: body)
        let (access, replacement) = try token(at: "http://127.0.0.1:\(provider.port)/").accessToken()
        #expect(access == "a" && replacement == nil)
    }

    @Test(arguments: [
        ("400 Bad Request", #"{"error":"invalid_client"}"#, 400, "no access token (400): invalid_client"),
        ("503 Service Unavailable", "<html>rita@acme.example</html>", 503, "no access token (503)"),
        ("400 Bad Request", #"{"error":"rita@acme.example is gone"}"#, 400, "no access token (400)"),
        ("200 OK", #"{"token_type":"Bearer"}"#, 200, "no access token"),
        ("200 OK", "", 200, "no access token"),
    ])
    func `a provider's error is reported with its code and name, never in its own words`(
        status: String, body: String, code: Int, description: String
    ) throws {
        let provider = try CannedServer(status: status, body: body)
        let error = #expect(throws: SubmissionError.self) {
            try token(at: "http://127.0.0.1:\(provider.port)/").accessToken()
        }
        #expect(error?.kind == .token && error?.code == code && error?.description == description)
    }

    @Test func `an answer of more than 1 MiB is refused`() throws {
        let provider = try CannedServer(
            status: "200 OK", body: #"{"access_token":"a"}"# + String(repeating: " ", count: 1 << 20))
        let error = #expect(throws: SubmissionError.self) {
            try token(at: "http://127.0.0.1:\(provider.port)/").accessToken()
        }
        #expect(error?.kind == .token)
    }

    @Test func `a provider that does not answer gives no token`() throws {
        let port = try Loopback.freePort()
        let error = #expect(throws: SubmissionError.self) { try token(at: "http://127.0.0.1:\(port)/").accessToken() }
        #expect(error?.kind == .token && error?.code == 0)
    }

    private func token(at endpoint: String) -> RefreshToken {
        RefreshToken(endpoint: endpoint, clientID: "c", clientSecret: nil, token: "first", scope: nil)
    }
}
