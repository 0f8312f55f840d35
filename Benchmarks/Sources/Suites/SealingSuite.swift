import Core
import Sealing
import TestSupport

/// Sealing alone, in memory, on one thread, compared with `openssl speed`.
enum SealingSuite: Suite {
    static let name = "sealing"
    static let title = "Sealing, one thread"

    /// Bytes per chunk, as in the milter protocol.
    private static let chunk = 65535

    static func run(_ plan: Plan) throws -> [Line] {
        let recipient = try newRecipient()
        let sizes = plan.pick(
            [(10_000, "10 KB"), (1_000_000, "1 MB"), (25_000_000, "25 MB")], quick: [(1_000_000, "1 MB")])
        return try sizes.map { size, text in
            let body = [UInt8](repeating: 0x55, count: size)
            let results = try interleaved(
                plan.rounds(9, quick: 2),
                [
                    { try rate(sealing: body, for: recipient, duration: plan.pick(1, quick: 0.2)) },
                    { try opensslRate(bytes: min(size, chunk)) },
                ])
            return Line(
                name, "a message of \(text): bytes", Samples(results[0]), "MB/s",
                against: ("openssl speed, AES-256-GCM", Samples(results[1])))
        }
    }

    private static func newRecipient() throws -> SealingKey {
        let pem = try Command.check(["openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout"])
        let der = try Command.run(
            ["openssl", "pkey", "-pubout", "-outform", "DER"], input: Array(pem.utf8))
        return try SealingKey(subjectPublicKeyInfo: der.output)
    }

    /// Megabytes a second; each message under a key of its own, wrapped for one recipient.
    private static func rate(sealing body: [UInt8], for recipient: SealingKey, duration: Double) throws -> Double {
        let start = now()
        var count = 0
        while now() - start < duration {
            let binding = Binding(
                message: .make(at: .now()), company: CompanyID(rawValue: 1), thread: ThreadID(rawValue: 1),
                time: .now())
            var sealer = try MessageSealer(binding: binding, recipients: [recipient])
            var written = 0
            for first in stride(from: 0, to: body.count, by: chunk) {
                var ciphertext: [UInt8] = []
                try sealer.seal(body[first..<min(first + chunk, body.count)], into: &ciphertext)
                written += ciphertext.count
            }
            var end: [UInt8] = []
            _ = try sealer.finish(into: &end)
            precondition(written >= body.count)
            count += 1
        }
        return Double(count * body.count) / (now() - start) / 1e6
    }

    /// Megabytes a second, encrypted in pieces of that many bytes under one key.
    private static func opensslRate(bytes: Int) throws -> Double {
        let output = try Command.check([
            "openssl", "speed", "-mr", "-elapsed", "-seconds", "1", "-bytes", "\(bytes)", "-evp", "aes-256-gcm",
        ])
        // "+F:25:AES-256-GCM:4872505050.51": bytes a second.
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("+F:") }),
            let rate = line.split(separator: ":").last.flatMap({ Double($0) })
        else { throw HarnessError("openssl speed said: \(output)") }
        return rate / 1e6
    }
}
