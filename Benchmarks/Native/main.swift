// milter-stub on the native engine: native-stub PORT data|eoh|eom
import Foundation
import LibMilter

/// Looks at nothing, and lets each message go at one step.
private final class NoSession: MilterSession {
    private let end: String

    init(endingAt end: String) { self.end = end }

    func negotiated(_: MilterAbilities) {}
    func mail(path: UnsafeRawBufferPointer) {}
    func recipient(path: UnsafeRawBufferPointer) {}
    func data(_: MilterMacros) -> MilterVerdict { end == "data" ? .accept : .proceed }
    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {}
    func endOfHeader() -> MilterVerdict { end == "eoh" ? .accept : .proceed }
    func body(_: UnsafeRawBufferPointer) {}
    func endOfMessage(_: MilterChanges) -> MilterVerdict { .proceed }
    func abort() {}
    func failed(_: any Error) -> MilterReply { MilterReply(status: "4.7.1", text: "failed") }
}

let arguments = CommandLine.arguments
guard arguments.count == 3, let port = UInt16(arguments[1]), ["data", "eoh", "eom"].contains(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: native-stub PORT data|eoh|eom\n".utf8))
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
var on: Int32 = 1
setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
var address = sockaddr_in()
address.sin_family = sa_family_t(AF_INET)
address.sin_port = port.bigEndian
address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
let isBound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
}
guard isBound, listen(listener, 1000) == 0 else {
    perror("native-stub")
    exit(69)
}
let end = arguments[2]
NativeEngine(makeSession: { NoSession(endingAt: end) }).run(listener: listener)
