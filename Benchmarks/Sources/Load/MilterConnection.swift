import Glibc
import TestSupport

/// A connection to a filter that sends prepared messages. Used by one thread.
final class MilterConnection {
    private let client: MilterClient
    private var dialogues: [MilterDialogue]
    /// The positions of the number, by dialogue and exchange.
    private let places: [[[Int]]]
    private var next = 0
    private var buffer = [UInt8](repeating: 0, count: 65536)

    init(socket: String, mails: [Mail]) throws {
        client = try MilterClient(path: socket)
        try client.negotiate()
        try client.connect(host: "mail.home.example", address: "192.0.2.25")
        try client.hello("mail.home.example")
        let terms = client.terms
        dialogues = mails.map { MilterDialogue($0, terms: terms) }
        places = dialogues.map { $0.exchanges.map { Self.places(of: Array(Mail.number.utf8), in: $0.bytes) } }
    }

    func quit() throws { try client.quit() }

    /// Sends the next message and returns the stage at which the filter ended it. `replied` gets the nanoseconds of
    /// each reply. Throws if the filter does not accept the message.
    func send(number: Int, replied: (MilterDialogue.Stage, UInt32) -> Void) throws -> MilterDialogue.Stage {
        let index = next
        next = (next + 1) % dialogues.count
        let digits = Array(String(number).utf8)
        precondition(digits.count == Mail.number.utf8.count)
        for position in dialogues[index].exchanges.indices {
            for place in places[index][position] {
                for (offset, digit) in digits.enumerated() {
                    dialogues[index].exchanges[position].bytes[place + offset] = digit
                }
            }
            let start = nanoseconds()
            try write(index, position)
            let reply = try reply()
            let stage = dialogues[index].exchanges[position].stage
            replied(stage, UInt32(clamping: nanoseconds() - start))
            switch reply {
            case UInt8(ascii: "a"): return stage
            case UInt8(ascii: "c"): continue
            default: throw HarnessError("the filter replied \(Character(Unicode.Scalar(reply))) at \(stage)")
            }
        }
        return .endOfMessage
    }

    private func write(_ index: Int, _ position: Int) throws {
        try dialogues[index].exchanges[position].bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    client.descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                guard count > 0 else { throw HarnessError("milter send: \(errorText())") }
                sent += count
            }
        }
    }

    /// The reply that ends a step; progress and modifications may come before it.
    private func reply() throws -> UInt8 {
        var filled = 0
        while true {
            let count = buffer.withUnsafeMutableBytes {
                recv(client.descriptor, $0.baseAddress! + filled, $0.count - filled, 0)
            }
            guard count > 0 else { throw HarnessError("milter receive: \(count == 0 ? "closed" : errorText())") }
            filled += count
            var start = 0
            while filled - start >= 5 {
                let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
                guard filled - start >= 4 + length else { break }
                let command = buffer[start + 4]
                start += 4 + length
                // Replies that end a step: accept, continue, reject, tempfail, discard, reply code, skip.
                if "acrtdys".utf8.contains(command) { return command }
            }
            buffer.withUnsafeMutableBytes { $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<filled])) }
            filled -= start
        }
    }

    private func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func places(of text: [UInt8], in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= text.count else { return [] }
        return (0...bytes.count - text.count).filter { start in
            bytes[start] == text[0] && bytes[start..<start + text.count].elementsEqual(text)
        }
    }
}
