import Foundation
import LibMilter

/// A prototype of libmilter's work, to measure libmilter's cost: drives the same sessions, with a thread per
/// connection, and reads all available data in one system call, where libmilter makes four per packet.
///
/// BUGS: no time-outs, no limits on connections and descriptors, no graceful shutdown, no modifications, no error
/// texts; a malformed packet ends the process. For measurements only.
struct NativeEngine {
    let makeSession: @Sendable () -> any MilterSession

    /// Serves connections on a listening socket; does not return.
    func run(listener: Int32) -> Never {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { continue }
            let makeSession = makeSession
            let thread = Thread { Connection(descriptor, makeSession()).serve() }
            thread.stackSize = 256 * 1024
            thread.start()
        }
    }
}

/// One connection of the mail server.
private final class Connection {
    private let descriptor: Int32
    private let session: any MilterSession
    private var queueID: String?
    /// The verdict on the message was given, so the rest of it is ignored.
    private var isDecided = false

    init(_ descriptor: Int32, _ session: any MilterSession) {
        self.descriptor = descriptor
        self.session = session
    }

    func serve() {
        // Room for the largest packet and the data read along with its beginning.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * 65536 + 16, alignment: 8)
        defer {
            session.abort()
            buffer.deallocate()
            close(descriptor)
        }
        var filled = 0
        while true {
            let count = recv(descriptor, buffer.baseAddress! + filled, buffer.count - filled, 0)
            guard count > 0 else { return }
            filled += count
            var start = 0
            while filled - start >= 4 {
                let length = Int(UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: start, as: UInt32.self)))
                precondition((1...65536).contains(length), "a packet of \(length) bytes")
                guard filled - start >= 4 + length else { break }
                let packet = UnsafeRawBufferPointer(rebasing: buffer[start + 4..<start + 4 + length])
                guard take(packet[0], UnsafeRawBufferPointer(rebasing: packet[1...])) else { return }
                start += 4 + length
            }
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<filled]))
            filled -= start
        }
    }

    /// Handles one packet; false if it is the last.
    private func take(_ command: UInt8, _ data: UnsafeRawBufferPointer) -> Bool {
        switch Character(Unicode.Scalar(command)) {
        case "O": negotiate()
        case "D": if data.first == UInt8(ascii: "T") { takeMacros(data) }
        case "M":
            isDecided = false
            quietly { try session.mail(path: text(data)) }
        case "R": quietly { try session.recipient(path: text(data)) }
        case "T": decide { try session.data(MilterMacros { [queueID] in $0 == "i" ? queueID : nil }) }
        case "L":
            let name = text(data)
            let value = text(UnsafeRawBufferPointer(rebasing: data[(name.count + 1)...]))
            quietly { try session.header(name: name, value: value) }
        case "N": decide { try session.endOfHeader() }
        case "B": quietly { try session.body(data) }
        case "E":
            decide {
                try session.endOfMessage(
                    MilterChanges(
                        addRecipient: { _, _ in }, addHeaderField: { _, _ in }, setHeaderField: { _, _ in }))
            }
        case "A":
            if !isDecided { session.abort() }
            isDecided = false
        case "Q": return false
        default: break
        }
        return true
    }

    /// Negotiates as LibMilter does (mfdef.h).
    private func negotiate() {
        var answer = [UInt8(ascii: "O")]
        func append(_ number: UInt32) { withUnsafeBytes(of: number.bigEndian) { answer += $0 } }
        append(6)
        append(0x1 | 0x10 | 0x80 | 0x100)
        append(0x1 | 0x2 | 0x100 | 0x4000 | 0x8000 | 0x80 | 0x8_0000 | 0x10_0000)
        for stage in 2...4 {
            append(UInt32(stage))
            answer += Array("i\0".utf8)
        }
        session.negotiated(MilterAbilities(addsRecipients: true, addsHeaderFields: true, changesHeaderFields: true))
        reply(answer)
    }

    private func takeMacros(_ data: UnsafeRawBufferPointer) {
        let name = text(UnsafeRawBufferPointer(rebasing: data[1...]))
        guard name.elementsEqual("i".utf8) else { return }
        queueID = String(decoding: text(UnsafeRawBufferPointer(rebasing: data[(name.count + 2)...])), as: UTF8.self)
    }

    private func quietly(_ step: () throws -> Void) {
        guard !isDecided else { return }
        do { try step() } catch { preconditionFailure("\(error)") }
    }

    private func decide(_ step: () throws -> MilterVerdict) {
        guard !isDecided else { return }
        do {
            let verdict = try step()
            isDecided = verdict == .accept
            reply([UInt8(ascii: isDecided ? "a" : "c")])
        } catch {
            isDecided = true
            reply([UInt8(ascii: "t")])
        }
    }

    private func reply(_ packet: [UInt8]) {
        let bytes = withUnsafeBytes(of: UInt32(packet.count).bigEndian) { Array($0) } + packet
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// The text up to the NUL.
    private func text(_ data: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: data.prefix(while: { $0 != 0 }))
    }
}
