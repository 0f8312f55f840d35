import Glibc

/// Why a socket could not be used: a system error number.
struct SocketError: Error, CustomStringConvertible {
    let code: Int32

    init(_ code: Int32) { self.code = code }

    /// A socket with a time limit reports EAGAIN when it is exceeded.
    var description: String {
        [EAGAIN, EINPROGRESS, ETIMEDOUT].contains(code) ? "no answer in time" : errorText(code)
    }
}
