import TNEF

/// winmail.dat, with the RTF in it.
enum TNEFTarget {
    static func run(_ input: [UInt8]) throws {
        let decode = { (bytes: [UInt8], _: Int) in String(decoding: bytes, as: UTF8.self) }
        guard let message = TNEFMessage(input, decode: decode) else { return }
        try require("what is attached is in the stream", message.attachments.allSatisfy { $0.data.count <= input.count })
        try require("attachments are bounded", message.attachments.count <= 200)
    }
}
