import Foundation
import LibMicrohttpd
import Synchronization
import TestSupport
import Testing

@Suite struct HTTPServerTests {
    private let port: UInt16
    private let listener: Int32
    private let client: HTTPClient

    init() throws {
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
        client = HTTPClient(.port(port))
    }

    @Test func `a request is answered, and HEAD without the body`() throws {
        defer { close(listener) }
        let server = try HTTPServer(listener: listener) { request in
            HTTPResponse(
                status: request.path == "/odd" ? 405 : 200, contentType: "text/x", allow: "GET",
                body: Array("\(request.method) \(request.path)".utf8))
        }
        let answer = try client.get("/a%20b?c=d")
        #expect(answer.status == 200 && answer.body == "GET /a b")
        #expect(answer.fields["content-type"] == "text/x" && answer.fields["allow"] == "GET")
        #expect(answer.fields["content-length"] == "\(answer.body.utf8.count)")
        let head = try client.request("HEAD", "/x")
        #expect(head.status == 200 && head.body == "" && head.fields["content-length"] == "7")
        let posted = try client.request("POST", "/odd", body: String(repeating: "x", count: 100_000))
        #expect(posted.status == 405 && posted.body == "POST /odd")
        _ = consume server
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /\(String(repeating: "x", count: 100_000)) HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
    ])
    func `nonsense is refused or the connection closed, and the next request is answered`(_ nonsense: String) throws {
        defer { close(listener) }
        let server = try HTTPServer(listener: listener) { _ in HTTPResponse(body: Array("ok".utf8)) }
        if let answer = try? client.raw(nonsense) { #expect(answer.status >= 400) }
        #expect(try client.get("/").body == "ok")
        _ = consume server
    }

    @Test func `the end waits for an answer that is being made, and closes what is open`() throws {
        defer { close(listener) }
        let asked = Atomic(false)
        do {
            let server = try HTTPServer(listener: listener) { _ in
                asked.store(true, ordering: .releasing)
                usleep(50_000)
                return HTTPResponse(body: [])
            }
            let connection = try client.connect()
            defer { close(connection) }
            let request = Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            #expect(send(connection, request, request.count, 0) == request.count)
            while !asked.load(ordering: .acquiring) { usleep(1000) }
            _ = consume server
            var byte: UInt8 = 0
            while recv(connection, &byte, 1, 0) > 0 {}
        }
        // The listening socket is still the caller's.
        #expect(Loopback.answers(port: port))
    }

    @Test func `a socket that is none is told`() {
        #expect(throws: HTTPServerError.self) { _ = try HTTPServer(listener: 9999) { _ in HTTPResponse(body: []) } }
        close(listener)
    }
}
