import Glibc

/// libmilter, or the system under it, could not set up the filter: what, and what to do about it.
public struct MilterError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }

    /// Takes the error number that libmilter left behind; 0 where it left none.
    static func cannotListen(at address: String, errno code: Int32) -> MilterError {
        let reason = code == 0 ? "libmilter gives no reason" : String(cString: strerror(code))
        let advice =
            switch code {
            case EADDRINUSE: "stop the program that listens there or choose another address"
            case EADDRNOTAVAIL: "choose an address of this host"
            case ENOENT: "create the directory that the socket is to be in"
            case EACCES, EPERM: "the user that runs this must be allowed to make a socket there"
            case EBADF, ENOTSOCK: "it must be a listening socket that whoever started this program handed over"
            default: "check the address"
            }
        return MilterError("cannot listen at \(address): \(reason); \(advice)")
    }
}
