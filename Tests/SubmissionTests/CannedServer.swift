import Glibc
import TestSupport

/// A TCP server on 127.0.0.1 that gives every connection the same answer and closes it: a mail server that says one line
/// and hangs up, or a provider's token endpoint. Serves until the process ends.
final class CannedServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let answer: [UInt8]
    /// The answer comes when the client has sent something, as in HTTP; in SMTP the server speaks first.
    private let isSecond: Bool

    /// An HTTP response with a JSON body.
    convenience init(status: String, body: String) throws {
        try self.init(
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)", isSecond: true)
    }

    init(_ answer: String, isSecond: Bool = false) throws {
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
        self.answer = Array(answer.utf8)
        self.isSecond = isSecond
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { context in
                Unmanaged<CannedServer>.fromOpaque(context!).takeRetainedValue().serve()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    private func serve() {
        while case let connection = accept(listener, nil, nil), connection >= 0 {
            var buffer = [UInt8](repeating: 0, count: 65536)
            if isSecond { _ = recv(connection, &buffer, buffer.count, 0) }
            _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
            shutdown(connection, Int32(SHUT_WR))
            // What the client still sends is read, or closing would reset the connection before it has the answer.
            while recv(connection, &buffer, buffer.count, 0) > 0 {}
            close(connection)
        }
    }
}
