import Glibc

/// Checks whether the milter answers: connects to its listening socket and negotiates, as a mail server does.
struct Probe {
    /// The milter's listening socket.
    let listener: Int32

    /// SMFIC_OPTNEG: protocol version 6, with all of its actions and steps.
    private static let question: [UInt8] =
        [0, 0, 0, 13, UInt8(ascii: "O")] + [0, 0, 0, 6] + [0, 0, 1, 0xff] + [0, 0x1f, 0xff, 0xff]
    /// SMFIC_QUIT.
    private static let farewell: [UInt8] = [0, 0, 0, 1, UInt8(ascii: "Q")]

    /// Waits at most `seconds`. Any thread.
    func answers(within seconds: Double) -> Bool {
        let connection = connectToListener(listener)
        guard connection >= 0 else { return false }
        defer { close(connection) }
        let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
        guard send(connection, Self.question, Self.question.count, flags) == Self.question.count else { return false }
        var wait = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, Int32((seconds * 1000).rounded(.up))) == 1 else { return false }
        var reply = [UInt8](repeating: 0, count: 5)
        // libmilter writes a packet's length and command in one call.
        guard recv(connection, &reply, reply.count, Int32(MSG_DONTWAIT)) == reply.count else { return false }
        _ = send(connection, Self.farewell, Self.farewell.count, flags)
        return reply[4] == UInt8(ascii: "O")
    }
}

/// Connects to a listening socket of this process by its own address; -1 on failure.
func connectToListener(_ listener: Int32) -> Int32 {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            guard getsockname(listener, address, &length) == 0 else { return -1 }
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let connection = socket(Int32(address.pointee.sa_family), type, 0)
            guard connection >= 0, connect(connection, address, length) == 0 else {
                close(connection)
                return -1
            }
            var on: Int32 = 1
            setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            return connection
        }
    }
}
