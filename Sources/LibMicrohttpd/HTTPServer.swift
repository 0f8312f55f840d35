import CMicrohttpd
import Glibc

/// A small HTTP server on a listening socket: one thread of libmicrohttpd's, a few connections at a time, none for long.
/// For what asks a daemon how it is, and never for the daemon's work.
///
/// Serves as long as this lives; the end waits for an answer that is being made. One connection too many waits in the
/// socket's queue until another ends, at the latest when it has said nothing for the time-out.
public struct HTTPServer: ~Copyable {
    private let daemon: OpaquePointer
    private let handler: Unmanaged<Handler>

    /// Connections at one time, and so descriptors.
    public static let connectionLimit = 8
    /// Seconds.
    private static let timeout: UInt32 = 5

    private final class Handler {
        let answer: @Sendable (HTTPRequest) -> HTTPResponse
        init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { self.answer = answer }
    }

    /// Has a descriptor of its own of the socket, which stays the caller's. `answer` is called on the server's thread, once
    /// for each request.
    public init(listener: Int32, answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) throws(HTTPServerError) {
        let listener = fcntl(listener, F_DUPFD_CLOEXEC, 0)
        guard listener >= 0 else { throw HTTPServerError(errno) }
        // A connection may be gone when it is to be accepted, and the thread must not wait for the next one.
        _ = fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK)
        let handler = Unmanaged.passRetained(Handler(answer))
        errno = 0
        guard
            let daemon = CMicrohttpd_start(
                listener, UInt32(Self.connectionLimit), Self.timeout, handle, handler.toOpaque())
        else {
            let code = errno
            handler.release()
            close(listener)
            throw HTTPServerError(code)
        }
        (self.daemon, self.handler) = (daemon, handler)
    }

    deinit {
        MHD_stop_daemon(daemon)
        handler.release()
    }

    fileprivate static func answer(_ closure: UnsafeMutableRawPointer, _ request: HTTPRequest) -> HTTPResponse {
        Unmanaged<Handler>.fromOpaque(closure).takeUnretainedValue().answer(request)
    }
}

/// libmicrohttpd did not start.
public struct HTTPServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ code: Int32) {
        description = "libmicrohttpd did not start\(code == 0 ? "" : ": \(String(cString: strerror(code)))")"
    }
}

/// Called when a request's header is there, for each part of its body, and at its end, which has the answer.
private func handle(
    closure: UnsafeMutableRawPointer?, connection: OpaquePointer?, path: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, part: UnsafePointer<CChar>?,
    partSize: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard state!.pointee != nil else {
        state!.pointee = closure
        return .YES
    }
    // What is sent with a request is left unread.
    guard partSize!.pointee == 0 else {
        partSize!.pointee = 0
        return .YES
    }
    let request = HTTPRequest(method: String(cString: method!), path: String(cString: path!))
    return HTTPServer.answer(closure!, request).queue(on: connection)
}

extension HTTPResponse {
    fileprivate func queue(on connection: OpaquePointer?) -> MHD_Result {
        let response = body.withUnsafeBytes {
            // Copied, in spite of the pointer's type.
            MHD_create_response_from_buffer(
                $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let response else { return .NO }
        defer { MHD_destroy_response(response) }
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, contentType)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")
        if let allow { MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allow) }
        return MHD_queue_response(connection, UInt32(status), response)
    }
}
