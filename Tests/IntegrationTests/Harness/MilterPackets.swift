import TestSupport

/// Bytes of the milter protocol.
enum MilterPackets {
    static func packet(_ command: Character, _ data: [UInt8] = []) -> [UInt8] {
        number(UInt32(data.count + 1)) + [command.asciiValue!] + data
    }

    static func number(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }

    static func strings(_ strings: String...) -> [UInt8] { strings.flatMap { Array($0.utf8) + [0] } }

    static let negotiation = packet("O", number(6) + number(0x1ff) + number(0x1f_ffff))

    /// One whole message, negotiation included.
    static func message(_ marker: String) -> [UInt8] {
        negotiation + "MRTLNBE".flatMap { bytes(of: step($0, marker)) }
    }

    private static func bytes(of packet: MilterClient.Packet) -> [UInt8] { Self.packet(packet.command, packet.data) }

    static func step(_ letter: Character, _ marker: String) -> MilterClient.Packet {
        let data: [UInt8] =
            switch letter {
            case "M": strings("<anna@home.example>")
            case "R": strings("<rita@acme.example>")
            case "L": strings("In-Reply-To", " \(marker)")
            case "B": Array("Body.\r\n".utf8)
            case "O": number(6) + number(0x1ff) + number(0x1f_ffff)
            default: []
            }
        return MilterClient.Packet(letter, data)
    }

    static let malformed: [[UInt8]] = {
        var packets: [[UInt8]] = []
        // Impossible lengths.
        for length: UInt32 in [0, 2, 65_536, 65_537, 1 << 20, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff] {
            for command in "OMLBED" { packets.append(number(length) + [command.asciiValue!]) }
        }
        // Every possible command, without data, without NUL, and with nothing but NULs.
        for command in UInt8.min...UInt8.max {
            packets.append(number(1) + [command])
            packets.append(number(4) + [command, 0x41, 0x42, 0x43])
            packets.append(number(9) + [command] + Array(repeating: 0, count: 8))
        }
        // Negotiations.
        for version: UInt32 in [0, 1, 2, 3, 5, 7, 0xffff_ffff] {
            for flags: UInt32 in [0, 0x1ff, 0xffff_ffff] {
                packets.append(packet("O", number(version) + number(flags) + number(flags)))
            }
        }
        packets += [packet("O", Array(repeating: 0, count: 11)), packet("O", negotiation + negotiation)]
        packets.append(packet("O", number(6) + number(0x1ff) + number(0x1f_ffff) + number(2) + [0x41]))
        // Macros.
        for data: [UInt8] in [
            [], [0x4d], [0x4d, 0x69], [0x4d, 0x69, 0], [0x4d, 0, 0, 0], [0xff, 0x69, 0, 0x41, 0],
            [0x4d] + Array(repeating: 0x7b, count: 60_000), [0x54] + (0..<20_000).flatMap { _ in [0x69, 0, 0x41] },
            [0x54] + Array(repeating: 0, count: 60_000),
        ] { packets.append(packet("D", data)) }
        // Header fields.
        for data: [UInt8] in [
            [0], [0, 0], [0, 0, 0], strings("a"), strings("", ""), strings("a", "b", "c"),
            Array(repeating: 0x41, count: 65_534), Array(repeating: 0xff, count: 65_534) + [0],
        ] { packets.append(packet("M", strings("<anna@home.example>")) + packet("L", data) + packet("N")) }
        return packets
    }()
}
