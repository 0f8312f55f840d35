import Foundation

/// A minimal HTTP client for servers on this host: one request and one response per connection.
public struct HTTPClient: Sendable {
    public enum Server: Sendable {
        case port(UInt16)
        case unix(String)
    }

    public struct Answer: Sendable {
        public let status: Int
        /// By names in lower case.
        public let fields: [String: String]
        public let body: String
    }

    private let server: Server

    public init(_ server: Server) { self.server = server }

    public func get(_ path: String) throws -> Answer { try request("GET", path) }

    /// Gives up when nothing comes for that many seconds.
    public func request(_ method: String, _ path: String, body: String = "", timeout: Int = 20) throws -> Answer {
        let length = body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n"
        return try raw(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(length)\r\n\(body)",
            timeout: timeout)
    }

    /// Sends these bytes as they are.
    public func raw(_ request: String, timeout: Int = 20) throws -> Answer {
        let descriptor = try connect()
        defer { close(descriptor) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw HarnessError("send a request: \(errorText())")
        }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count >= 0 else { throw HarnessError("no answer to \(request): \(errorText())") }
            if count == 0 { break }
            text += chunk[..<count]
        }
        return try Self.parse(String(decoding: text, as: UTF8.self), request)
    }

    /// A silent connection; the caller closes it.
    public func connect() throws -> Int32 {
        guard case .unix(let path) = server else {
            guard case .port(let port) = server else { fatalError() }
            return try Loopback.connect(port: port)
        }
        return try Loopback.connect(path: path)
    }

    private static func parse(_ text: String, _ request: String) throws -> Answer {
        guard let end = text.range(of: "\r\n\r\n") else { throw HarnessError("no answer to \(request): \(text)") }
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw HarnessError("no answer to \(request): \(lines[0])")
        }
        let fields = lines.dropFirst().compactMap { line in
            line.range(of: ": ").map { (line[..<$0.lowerBound].lowercased(), String(line[$0.upperBound...])) }
        }
        return Answer(
            status: status, fields: Dictionary(fields, uniquingKeysWith: { first, _ in first }),
            body: String(text[end.upperBound...]))
    }
}
