import Glibc

/// A reply of an SMTP server: the code and the text of each line.
public struct SMTPReply: Sendable, CustomStringConvertible {
    public let code: Int
    public let lines: [String]

    public var description: String { lines.map { "\(code) \($0)" }.joined(separator: "\n") }

    /// The queue ID in Postfix's `250 2.0.0 Ok: queued as 4F2A1`.
    public var queueID: String? {
        lines.last.flatMap { line in
            line.contains("queued as ") ? line.split(separator: " ").last.map(String.init) : nil
        }
    }
}

/// A reply other than the one a step expects, such as a refusal.
public struct SMTPRefusal: Error, CustomStringConvertible {
    public let expected: Int
    public let reply: SMTPReply

    public var description: String { "SMTP: expected \(expected), got: \(reply)" }
}

/// One SMTP session, byte by byte. Blocks its thread; a server that is silent for a minute is an error.
public final class SMTPClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    /// What EHLO announced, keywords in upper case.
    public private(set) var extensions: [String] = []

    /// Connects to a port of 127.0.0.1, reads the greeting and says EHLO.
    public init(port: UInt16) throws {
        descriptor = try Loopback.connect(port: port)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        try expect(220, reply())
        extensions = try expect(250, command("EHLO client.example")).lines.dropFirst().map { $0.uppercased() }
    }

    deinit { close(descriptor) }

    /// Sends a whole message by DATA and returns its queue ID. `parameters` are those of MAIL FROM.
    @discardableResult
    public func send(_ message: [UInt8], from: String, to: [String], parameters: String = "") throws -> String {
        try queueID(transfer(message, from: from, to: to, parameters: parameters))
    }

    /// Sends a whole message by DATA and returns the reply to its end.
    public func transfer(
        _ message: [UInt8], from: String, to: [String], parameters: String = ""
    ) throws -> SMTPReply {
        try envelope(from: from, to: to, parameters: parameters)
        try expect(354, command("DATA"))
        try send(Self.dotStuffed(message))
        return try reply()
    }

    /// Sends a whole message by BDAT (RFC 3030) in chunks of at most that many bytes, without waiting for replies in
    /// between, and returns its queue ID.
    @discardableResult
    public func sendChunks(
        _ message: [UInt8], of size: Int, from: String, to: [String], parameters: String = ""
    ) throws -> String {
        try envelope(from: from, to: to, parameters: parameters)
        var count = 0
        var position = 0
        repeat {
            let end = min(position + size, message.count)
            let last = end == message.count
            try send(Array("BDAT \(end - position)\(last ? " LAST" : "")\r\n".utf8) + message[position..<end])
            position = end
            count += 1
        } while position < message.count
        for _ in 1..<count { try expect(250, reply()) }
        return try queueID(reply())
    }

    /// Sends the envelope and the message as one block where the protocol allows (RFC 2920), and returns the queue ID.
    @discardableResult
    public func pipeline(_ message: [UInt8], from: String, to: [String]) throws -> String {
        let commands = ["MAIL FROM:<\(from)>"] + to.map { "RCPT TO:<\($0)>" } + ["DATA"]
        try send(Array(commands.joined(separator: "\r\n").utf8) + [13, 10])
        for _ in 0...to.count { try expect(250, reply()) }
        try expect(354, reply())
        try send(Self.dotStuffed(message))
        return try queueID(reply())
    }

    public func envelope(from: String, to: [String], parameters: String = "") throws {
        try expect(250, command("MAIL FROM:<\(from)>\(parameters.isEmpty ? "" : " \(parameters)")"))
        for recipient in to { try expect(250, command("RCPT TO:<\(recipient)>")) }
    }

    /// Sends one command line and returns its reply.
    public func command(_ line: String) throws -> SMTPReply {
        try send(Array("\(line)\r\n".utf8))
        return try reply()
    }

    /// Sends bytes as they are.
    public func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw HarnessError("SMTP send: \(errorText())") }
            sent += count
        }
    }

    /// The next reply.
    public func reply() throws -> SMTPReply {
        var lines: [String] = []
        while true {
            let line = try line()
            guard line.count >= 3, let code = Int(line.prefix(3)) else { throw HarnessError("SMTP reply '\(line)'") }
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" { return SMTPReply(code: code, lines: lines) }
        }
    }

    /// QUIT; throws unless the server says goodbye.
    public func quit() throws {
        try expect(221, command("QUIT"))
    }

    /// The message as DATA carries it: a dot before a line's first dot, CRLF at the end, the final dot.
    public static func dotStuffed(_ message: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(message.count + 64)
        var atLineStart = true
        for (index, byte) in message.enumerated() {
            if atLineStart, byte == UInt8(ascii: ".") { result.append(byte) }
            result.append(byte)
            atLineStart = byte == 10 && index > 0 && message[index - 1] == 13
        }
        if !atLineStart { result += [13, 10] }
        return result + Array(".\r\n".utf8)
    }

    private func queueID(_ reply: SMTPReply) throws -> String {
        guard let id = try expect(250, reply).queueID else { throw HarnessError("no queue ID in: \(reply)") }
        return id
    }

    @discardableResult
    private func expect(_ code: Int, _ reply: SMTPReply) throws -> SMTPReply {
        guard reply.code == code else { throw SMTPRefusal(expected: code, reply: reply) }
        return reply
    }

    private func line() throws -> String {
        while true {
            if let end = received.firstIndex(of: 10) {
                let line = received[..<end]
                received.removeSubrange(...end)
                return String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            guard count > 0 else {
                throw HarnessError("SMTP receive: \(count == 0 ? "connection closed" : errorText())")
            }
            received += chunk[..<count]
        }
    }
}
