import CLibcurl
import Foundation

/// A refresh token that a provider issued with the user's consent; it obtains access tokens without asking again (RFC
/// 6749 section 6).
public struct RefreshToken: Hashable, Codable, Sendable {
    /// The provider's token endpoint: `https`, or `http` on this machine.
    public var endpoint: String
    public var clientID: String
    /// Nil for a public client.
    public var clientSecret: String?
    public var token: String
    /// Scopes, separated by spaces; nil for the scopes consented to.
    public var scope: String?

    public init(endpoint: String, clientID: String, clientSecret: String?, token: String, scope: String?) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.token = token
        self.scope = scope
    }

    /// Whether tokens may be sent to the endpoint.
    public static func isAllowed(endpoint: String) -> Bool {
        guard let url = URL(string: endpoint), let host = url.host else { return false }
        return url.scheme == "https"
            || url.scheme == "http" && ["127.0.0.1", "[::1]", "::1", "localhost"].contains(host)
    }

    private struct Response: Decodable {
        var access_token: String?
        var refresh_token: String?
        var error: String?
    }

    /// Obtains an access token, and the refresh token that replaces this one if the provider issued another.
    /// `authorities` as in `SubmissionServer`. Blocks.
    ///
    /// Throws `SubmissionError`.
    public func accessToken(
        authorities: String? = nil
    ) throws(SubmissionError) -> (access: String, replacement: RefreshToken?) {
        guard Self.isAllowed(endpoint: endpoint), SubmissionServer.isSafe(endpoint) else {
            throw SubmissionError(.unsafe, "the token endpoint is no https URL")
        }
        var transfer = Transfer()
        transfer.set(CURLOPT_PROTOCOLS_STR, "http,https")
        transfer.set(CURLOPT_URL, endpoint)
        if let authorities { transfer.set(CURLOPT_CAINFO, authorities) }
        var fields = [("grant_type", "refresh_token"), ("client_id", clientID), ("refresh_token", token)]
        if let clientSecret { fields.append(("client_secret", clientSecret)) }
        if let scope { fields.append(("scope", scope)) }
        let form = fields.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
        transfer.set(CURLOPT_POSTFIELDSIZE, form.utf8.count)
        transfer.set(CURLOPT_COPYPOSTFIELDS, form)
        transfer.set(CURLOPT_HTTPHEADER, ["Accept: application/json"])

        let exchange = Transfer.Exchange()
        let (code, status) = transfer.run(exchange)
        guard code == CURLE_OK else {
            throw SubmissionError(
                code == CURLE_PEER_FAILED_VERIFICATION ? .certificate : .token,
                String(cString: curl_easy_strerror(code)))
        }
        let response = try? JSONDecoder().decode(Response.self, from: Data(exchange.incoming))
        if response?.error == "invalid_grant" { throw SubmissionError(.tokenRevoked, code: status) }
        guard status == 200, let access = response?.access_token else {
            // The error code is one of a few words (RFC 6749 section 5.2).
            let name = response?.error.flatMap { $0.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "_") } ? $0 : nil }
            throw SubmissionError(.token, code: status, name)
        }
        var replacement: RefreshToken?
        if let new = response?.refresh_token, new != token {
            replacement = self
            replacement?.token = new
        }
        return (access, replacement)
    }

    /// Encoded for application/x-www-form-urlencoded: everything but the unreserved characters (RFC 3986).
    private static func escaped(_ value: String) -> String {
        let unreserved = CharacterSet(
            charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
        return value.addingPercentEncoding(withAllowedCharacters: unreserved)!
    }
}
