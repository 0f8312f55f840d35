import Glibc

/// The mail server's side of the milter protocol, version 6: one connection to a filter, byte by byte. Steps are sent,
/// skipped and waited for as negotiated with the filter. Letters and bits are those of libmilter's mfdef.h.
///
/// Blocks its thread; a filter that is silent for a minute is an error. `send` and `receive` know nothing of steps, so
/// they can break the order.
public final class MilterClient {
    /// A packet of either side: a letter and its data. On the wire, four bytes of length come first.
    public struct Packet: Equatable, Sendable {
        public let command: Character
        public let data: [UInt8]

        /// The command is one ASCII character.
        public init(_ command: Character, _ data: [UInt8] = []) {
            self.command = command
            self.data = data
        }

        /// Replies without data.
        public static let proceed = Packet("c")
        public static let accept = Packet("a")
        public static let reject = Packet("r")
        public static let tempfail = Packet("t")
    }

    /// What the filter negotiated: protocol version, modifications, steps, and macros by stage.
    public struct Terms: Sendable {
        public var version: UInt32 = 6
        public var actions: UInt32 = 0x1ff
        public var steps: UInt32 = 0x1f_ffff
        /// A stage that is missing here has every macro.
        public var macros: [UInt32: [String]] = [:]
    }

    /// The most data that a packet may have (MILTER_MAX_DATA_SIZE).
    public static let dataLimit = 65535

    /// Before `negotiate`, everything in the protocol is offered.
    public var terms = Terms()
    /// The values of macros, sent before each step whose stage has any.
    public var macros: [String: String] = [:]

    /// The socket, for writing prepared bytes to it.
    public let descriptor: Int32

    /// Only connects to a port of 127.0.0.1.
    public convenience init(port: UInt16) throws {
        try self.init(connection: Loopback.connect(port: port))
        // A step must not wait for the acknowledgement of one before it that has no reply.
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Only connects to a UNIX socket.
    public convenience init(path: String) throws {
        try self.init(connection: Loopback.connect(path: path))
    }

    private init(connection: Int32) {
        descriptor = connection
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    // MARK: Steps

    /// Offers the terms and adopts the filter's answer.
    public func negotiate() throws {
        try send(Packet("O", Self.bytes(terms.version) + Self.bytes(terms.actions) + Self.bytes(terms.steps)))
        let answer = try receive()
        guard answer.command == "O", answer.data.count >= 12 else {
            throw HarnessError("milter: no negotiation, but \(answer)")
        }
        func number(at offset: Int) -> UInt32 { answer.data[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        let agreed = Terms(version: number(at: 0), actions: number(at: 4), steps: number(at: 8))
        guard agreed.version <= terms.version, agreed.actions & ~terms.actions == 0, agreed.steps & ~terms.steps == 0
        else { throw HarnessError("milter: the filter asks for more than there is: \(agreed)") }
        terms = agreed

        // Lists of macros: a stage's number, and names with spaces between, up to a NUL.
        var position = 12
        while position < answer.data.count {
            guard position + 4 < answer.data.count, let end = answer.data[(position + 4)...].firstIndex(of: 0) else {
                throw HarnessError("milter: a list of macros is cut off")
            }
            let names = String(decoding: answer.data[position + 4..<end], as: UTF8.self)
            terms.macros[number(at: position)] = names.split(separator: " ").map(String.init)
            position = end + 1
        }
    }

    /// Every step returns the filter's reply, or `proceed` if the step has none.
    @discardableResult
    public func connect(host: String, address: String, port: UInt16 = 25) throws -> Packet {
        let port = [UInt8(port >> 8), UInt8(port & 0xff)]
        return try step("C", Self.text(host) + [UInt8(ascii: "4")] + port + Self.text(address), 0x1, 0x1000, stage: 0)
    }

    @discardableResult
    public func hello(_ name: String) throws -> Packet { try step("H", Self.text(name), 0x2, 0x2000, stage: 1) }

    /// The path has its angle brackets.
    @discardableResult
    public func mail(_ path: String) throws -> Packet { try step("M", Self.text(path), 0x4, 0x4000, stage: 2) }

    @discardableResult
    public func recipient(_ path: String) throws -> Packet { try step("R", Self.text(path), 0x8, 0x8000, stage: 3) }

    @discardableResult
    public func data() throws -> Packet { try step("T", [], 0x200, 0x1_0000, stage: 4) }

    /// The value is all that follows the colon; its first space is sent if the filter wants that.
    @discardableResult
    public func header(_ name: String, _ value: String) throws -> Packet {
        let keepsSpace = terms.steps & 0x10_0000 != 0
        let value = !keepsSpace && value.hasPrefix(" ") ? String(value.dropFirst()) : value
        return try step("L", Self.text(name) + Self.text(value), 0x20, 0x80)
    }

    @discardableResult
    public func endOfHeader() throws -> Packet { try step("N", [], 0x40, 0x4_0000, stage: 6) }

    /// A chunk of the body, of at most `dataLimit` bytes.
    @discardableResult
    public func body(_ part: [UInt8]) throws -> Packet { try step("B", part, 0x10, 0x8_0000) }

    /// Sends the end of the message; `reply` then returns the verdict.
    public func endMessage() throws {
        try sendMacros(for: "E", stage: 5)
        try send(Packet("E"))
    }

    /// The filter does not reply.
    public func abort() throws { try send(Packet("A")) }

    /// The filter does not reply, but closes the connection.
    public func quit() throws { try send(Packet("Q")) }

    /// The next packet other than SMFIR_PROGRESS.
    public func reply() throws -> Packet {
        while true {
            let packet = try receive()
            if packet.command != "p" { return packet }
        }
    }

    private func step(
        _ command: Character, _ data: [UInt8], _ leftOut: UInt32, _ unanswered: UInt32, stage: UInt32? = nil
    ) throws -> Packet {
        guard terms.steps & leftOut == 0 else { return .proceed }
        if let stage { try sendMacros(for: command, stage: stage) }
        try send(Packet(command, data))
        return terms.steps & unanswered == 0 ? try reply() : .proceed
    }

    private func sendMacros(for command: Character, stage: UInt32) throws {
        let wanted = macros.filter { name, _ in terms.macros[stage]?.contains(name) ?? true }
        guard !wanted.isEmpty else { return }
        try send(Packet("D", [command.asciiValue!] + wanted.flatMap { Self.text($0) + Self.text($1) }))
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    // MARK: Packets

    public func send(_ packet: Packet) throws {
        let length = UInt32(packet.data.count + 1)
        try send(Self.bytes(length) + [packet.command.asciiValue!], more: !packet.data.isEmpty)
        try send(packet.data)
    }

    /// Sends raw bytes. `more`: they may be held back until the next call.
    public func send(_ bytes: [UInt8], more: Bool = false) throws {
        let flags = Int32(more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, flags)
            }
            guard count > 0 else { throw HarnessError("milter send: \(errorText())") }
            sent += count
        }
    }

    /// Shuts down sending, and reads what the filter still sends until it closes as well. A connection closed with
    /// unread replies is reset, and the filter may never see what was sent last.
    public func hangUp() {
        shutdown(descriptor, Int32(SHUT_WR))
        var rest = [UInt8](repeating: 0, count: 4096)
        while recv(descriptor, &rest, rest.count, 0) > 0 {}
    }

    /// The next packet of any kind.
    public func receive() throws -> Packet {
        let length = try receive(4).reduce(0) { $0 << 8 | Int($1) }
        guard length > 0, length <= Self.dataLimit + 1 else {
            throw HarnessError("milter: a packet of \(length) bytes")
        }
        let bytes = try receive(length)
        return Packet(Character(Unicode.Scalar(bytes[0])), Array(bytes[1...]))
    }

    /// Whether the filter sent something or closed the connection within that many seconds.
    public func hasAnswer(within seconds: Double) -> Bool {
        var descriptors = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return Glibc.poll(&descriptors, 1, Int32(seconds * 1000)) > 0
    }

    private func receive(_ wanted: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: wanted)
        var received = 0
        while received < wanted {
            let count = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + received, wanted - received, 0)
            }
            guard count > 0 else {
                throw HarnessError("milter receive: \(count == 0 ? "connection closed" : errorText())")
            }
            received += count
        }
        return bytes
    }
}
