import Glibc

/// The first step of the milter protocol as a mail server takes it: option negotiation, followed by QUIT. Letters and
/// bits are those of libmilter's mfdef.h.
enum MilterProbe {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// All actions and steps of version 6, as Postfix offers them.
    private static let offer: [UInt8] =
        bytes(13) + [UInt8(ascii: "O")] + bytes(6) + bytes(0x1ff) + bytes(0x1f_ffff)

    /// Takes ownership of the connection, with its time limit. Returns the version in the filter's answer.
    static func negotiate(_ descriptor: Int32) throws(Failure) -> UInt32 {
        defer { close(descriptor) }
        guard send(descriptor, offer, offer.count, Int32(MSG_NOSIGNAL)) == offer.count else {
            throw failure("it accepts no data")
        }
        let length = number(try receive(descriptor, 4))
        guard (1...65_536).contains(length) else { throw failure("it speaks another protocol") }
        let answer = try receive(descriptor, Int(length))
        guard answer[0] == UInt8(ascii: "O"), answer.count >= 13 else {
            throw failure("it refuses a mail server that offers all of milter protocol 6")
        }
        let goodbye = bytes(1) + [UInt8(ascii: "Q")]
        _ = send(descriptor, goodbye, goodbye.count, Int32(MSG_NOSIGNAL))
        return number(answer[1..<5])
    }

    private static func receive(_ descriptor: Int32, _ count: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var received = 0
        while received < count {
            let got = bytes.withUnsafeMutableBytes {
                recv(descriptor, $0.baseAddress! + received, count - received, 0)
            }
            guard got > 0 else {
                throw failure(got == 0 ? "it closes the connection" : "\(SocketError(errno))")
            }
            received += got
        }
        return bytes
    }

    private static func failure(_ text: String) -> Failure { Failure(description: text) }

    private static func number(_ bytes: some Collection<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}
