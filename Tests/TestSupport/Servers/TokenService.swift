import Glibc
import Synchronization

/// A private OAuth 2 provider, over HTTP on 127.0.0.1: `/token` gives access tokens for refresh tokens (RFC 6749
/// section 6), `/introspect` says whose token it is (RFC 7662).
public final class TokenService: Sendable {
    private struct State {
        /// By access token.
        var users: [String: String] = [:]
        /// By refresh token.
        var owners: [String: String] = [:]
        var requests: [[String: String]] = []
        var count = 0
    }

    public let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    public init() throws {
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<TokenService>.fromOpaque(context!).takeRetainedValue().serve()
                return nil
            }, context.toOpaque())
        pthread_detach(thread)
    }

    public var tokenURL: String { "http://127.0.0.1:\(port)/token" }
    public var introspectionURL: String { "http://127.0.0.1:\(port)/introspect" }

    /// Makes this an access token of the user.
    public func grant(_ token: String, to user: String) { state.withLock { $0.users[token] = user } }

    /// Makes this a refresh token of the user. It is good for one access token, and replaced with it.
    public func grant(refreshToken: String, to user: String) { state.withLock { $0.owners[refreshToken] = user } }

    /// The fields of every request to `/token` so far.
    public var requests: [[String: String]] { state.withLock { $0.requests } }

    /// Stops the service.
    public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve() {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            var request: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65536)
            while !Self.isWhole(request) {
                let count = recv(connection, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                request += buffer[..<count]
            }
            let (status, body) = answer(request)
            let response =
                "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
            _ = send(connection, response, response.utf8.count, Int32(MSG_NOSIGNAL))
            close(connection)
        }
        close(listener)
    }

    private static func isWhole(_ request: [UInt8]) -> Bool {
        guard let end = request.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
        let length =
            head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) } ?? 0
        return request.count >= end.upperBound + length
    }

    private func answer(_ request: [UInt8]) -> (status: String, body: String) {
        let text = String(decoding: request, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return ("400 Bad Request", "{}") }
        let fields = Dictionary(
            text[end.upperBound...].split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]).removingPercents : "")
            }, uniquingKeysWith: { first, _ in first })
        return state.withLock { state in
            if text.hasPrefix("POST /introspect") {
                guard let user = fields["token"].flatMap({ state.users[$0] }) else {
                    return ("200 OK", #"{"active":false}"#)
                }
                return ("200 OK", #"{"active":true,"username":"\#(user)"}"#)
            }
            state.requests.append(fields)
            guard let user = fields["refresh_token"].flatMap({ state.owners.removeValue(forKey: $0) }) else {
                return ("400 Bad Request", #"{"error":"invalid_grant"}"#)
            }
            state.count += 1
            let (access, refresh) = ("access-\(user.count)-\(state.count)", "refresh-\(state.count)")
            state.users[access] = user
            state.owners[refresh] = user
            return ("200 OK", #"{"access_token":"\#(access)","refresh_token":"\#(refresh)","token_type":"Bearer"}"#)
        }
    }
}

extension String {
    fileprivate var removingPercents: String {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
