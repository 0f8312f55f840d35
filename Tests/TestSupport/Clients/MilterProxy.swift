import Foundation
import Synchronization

/// Stands between Postfix and the filter, passes every byte on, and counts what Postfix sent, by milter command: `L`
/// is a header field, `N` the end of the header, `B` a piece of the body, and so on.
///
/// A thread of its own does the work, until `stop`.
public final class MilterProxy: Sendable {
    /// Packets, and bytes in them after the command letter.
    public struct Count: Equatable, Sendable {
        public var packets = 0
        public var bytes = 0
    }

    /// Where Postfix finds the proxy.
    public let port: UInt16
    private let target: UInt16
    private let listener: Int32
    private let wake: Int32
    private let counts = Mutex<[Character: Count]>([:])
    private let breaksNextEnd = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Listens on a port, or else on a free one, and passes connections on to a port of 127.0.0.1.
    public init(to target: UInt16, at port: UInt16? = nil) throws {
        self.target = target
        self.port = try port ?? Loopback.freePort()
        listener = try Loopback.listen(port: self.port)
        let ends = Loopback.pipe()
        wake = ends[1]
        let thread = Thread { [self, stopped = ends[0]] in serve(until: stopped) }
        thread.start()
    }

    /// Ends the thread and every connection, and returns when nothing listens any more.
    public func stop() {
        close(wake)
        ended.wait()
    }

    /// The next connection that reaches an end of message is closed instead of passing on the filter's answer to it:
    /// the filter is done with the message, and Postfix does not know.
    public func breakNextReplyToEndOfMessage() {
        breaksNextEnd.store(true, ordering: .sequentiallyConsistent)
    }

    /// What Postfix sent while the closure ran, by command.
    public func counting<Result>(_ body: () async throws -> Result) async rethrows -> (Result, [Character: Count]) {
        counts.withLock { $0 = [:] }
        let result = try await body()
        return (result, counts.withLock { $0 })
    }

    private struct Connection {
        let server: Int32
        let filter: Int32
        var packets = PacketCounter()
        var messageEnded = false
    }

    private func serve(until stopped: Int32) {
        var connections: [Connection] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        defer {
            connections.forEach(Self.end)
            close(stopped)
            close(listener)
            ended.signal()
        }
        while true {
            var descriptors = ([stopped, listener] + connections.flatMap { [$0.server, $0.filter] }).map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            guard Glibc.poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            if descriptors[0].revents != 0 { return }

            for index in connections.indices.reversed() {
                let fromServer = descriptors[2 + 2 * index].revents != 0
                let fromFilter = descriptors[3 + 2 * index].revents != 0
                var connection = connections[index]
                var open = true
                if fromServer {
                    let count = recv(connection.server, &buffer, buffer.count, 0)
                    if count > 0 { connection.packets.feed(buffer[..<count]) }
                    // Counted before passing it on, so that the count is up to date once the filter's answer is seen.
                    let packets = connection.packets.take()
                    add(packets)
                    connection.messageEnded = packets["E"] != nil
                    open = Self.pass(buffer, count, to: connection.filter)
                }
                if open, fromFilter {
                    let count = recv(connection.filter, &buffer, buffer.count, 0)
                    let isBroken = connection.messageEnded && breaksNextEnd.exchange(false, ordering: .relaxed)
                    open = !isBroken && Self.pass(buffer, count, to: connection.server)
                }
                if open { connections[index] = connection } else { Self.end(connections.remove(at: index)) }
            }
            if descriptors[1].revents != 0 {
                let server = accept(listener, nil, nil)
                guard server >= 0 else { continue }
                if let filter = try? Loopback.connect(port: target) {
                    connections.append(Connection(server: server, filter: filter))
                } else {
                    close(server)
                }
            }
        }
    }

    private func add(_ more: [Character: Count]) {
        counts.withLock {
            $0.merge(more) { Count(packets: $0.packets + $1.packets, bytes: $0.bytes + $1.bytes) }
        }
    }

    private static func pass(_ buffer: [UInt8], _ count: Int, to descriptor: Int32) -> Bool {
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let step = buffer.withUnsafeBytes {
                send(descriptor, $0.baseAddress! + sent, count - sent, Int32(MSG_NOSIGNAL))
            }
            guard step > 0 else { return false }
            sent += step
        }
        return true
    }

    private static func end(_ connection: Connection) {
        // A child of another test may hold a copy of a descriptor, so that closing alone would not end it.
        for descriptor in [connection.server, connection.filter] {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
    }
}

/// Cuts a stream into milter packets: 4 bytes of length, big-endian, then that many bytes, a command letter first.
private struct PacketCounter {
    private var header: [UInt8] = []
    private var remaining = 0
    private var command: Character = "?"
    private var counts: [Character: MilterProxy.Count] = [:]

    mutating func feed(_ bytes: ArraySlice<UInt8>) {
        var bytes = bytes
        while let byte = bytes.first {
            if remaining > 0 {
                let step = min(remaining, bytes.count)
                counts[command, default: .init()].bytes += step
                remaining -= step
                bytes = bytes.dropFirst(step)
            } else {
                header.append(byte)
                bytes = bytes.dropFirst()
                guard header.count == 5 else { continue }
                remaining = header.prefix(4).reduce(0) { $0 << 8 | Int($1) } - 1
                command = Character(Unicode.Scalar(byte))
                counts[command, default: .init()].packets += 1
                header = []
            }
        }
    }

    mutating func take() -> [Character: MilterProxy.Count] {
        defer { counts = [:] }
        return counts
    }
}
