// milter-stub on the native engine: native-stub SOCKET data|eoh|eom
import Foundation
import LibMilter

/// Looks at nothing, and accepts every message at one step.
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
guard arguments.count == 3, ["data", "eoh", "eom"].contains(arguments[2]) else {
    FileHandle.standardError.write(Data("usage: native-stub SOCKET data|eoh|eom\n".utf8))
    exit(64)
}
signal(SIGPIPE, SIG_IGN)
signal(SIGQUIT) { _ in _exit(0) }  // As milter-stub ends; else it dumps core.
let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
var address = sockaddr_un()
address.sun_family = sa_family_t(AF_UNIX)
withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: arguments[1].utf8) }
let isBound = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
    }
}
guard isBound, listen(listener, 1000) == 0 else {
    perror("native-stub")
    exit(69)
}
let end = arguments[2]
NativeEngine(makeSession: { NoSession(endingAt: end) }).run(listener: listener)
