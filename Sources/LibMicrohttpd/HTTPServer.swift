// LibMicrohttpd: a small HTTP server for metrics and health checks. Knows nothing of this product; may use
// libmicrohttpd and glibc.

import CMicrohttpd
import Glibc

/// A small HTTP server on a listening socket: one thread of libmicrohttpd, a few short connections at a time. For
/// monitoring a daemon, never for its work.
///
/// Serves until it is deinitialized, which waits for an answer in progress. A connection above the limit waits in the
/// socket's backlog until another ends, at the latest when that one has been idle for the time-out.
public struct HTTPServer: ~Copyable {
    private let daemon: OpaquePointer
    private let handler: Unmanaged<Handler>

    /// Concurrent connections, and so descriptors.
    public static let connectionLimit = 8
    /// Seconds that a connection may be idle.
    private static let timeout: UInt32 = 5

    private final class Handler {
        let answer: @Sendable (HTTPRequest) -> HTTPResponse
        init(_ answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) { self.answer = answer }
    }

    /// Duplicates `listener`, which stays the caller's. `answer` is called on the server's thread, once for each
    /// request.
    public init(listener: Int32, answer: @escaping @Sendable (HTTPRequest) -> HTTPResponse) throws(HTTPServerError) {
        let listener = fcntl(listener, F_DUPFD_CLOEXEC, 0)
        guard listener >= 0 else { throw HTTPServerError(errno) }
        // A connection may be gone before it is accepted; the thread must not block waiting for the next one.
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

/// libmicrohttpd failed to start.
public struct HTTPServerError: Error, CustomStringConvertible {
    public let description: String

    init(_ code: Int32) {
        description = "libmicrohttpd failed to start\(code == 0 ? "" : ": \(String(cString: strerror(code)))")"
    }
}

/// Called when a request's header is complete, for each part of its body, and at its end, where the answer is sent.
private func handle(
    closure: UnsafeMutableRawPointer?, connection: OpaquePointer?, path: UnsafePointer<CChar>?,
    method: UnsafePointer<CChar>?, version: UnsafePointer<CChar>?, part: UnsafePointer<CChar>?,
    partSize: UnsafeMutablePointer<Int>?, state: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard state!.pointee != nil else {
        state!.pointee = closure
        return .YES
    }
    // A request's body is ignored.
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
            // libmicrohttpd copies it, despite the mutable pointer.
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
