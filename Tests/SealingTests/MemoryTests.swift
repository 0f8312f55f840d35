import Core
import Sealing
import TestSupport
import Testing
import Unsealing

@Suite struct MemoryTests {
    @Test func `sealing 256 MB in chunks takes no more memory than sealing 1 MB`() async {
        // A process of its own, so that no other test's memory counts.
        await #expect(processExitsWith: .success) {
            let key = try SealingKey(subjectPublicKeyInfo: PrivateKey.generate().subjectPublicKeyInfo)
            var sealer = try MessageSealer(binding: .sample, recipients: [key])
            let chunk = [UInt8](repeating: 0x55, count: 64 << 10)
            var ciphertext: [UInt8] = []
            var sealedBytes = 0

            func seal(megabytes: Int) throws {
                for _ in 0..<megabytes * 16 {
                    ciphertext.removeAll(keepingCapacity: true)
                    try chunk.withUnsafeBytes { try sealer.seal($0, into: &ciphertext) }
                    sealedBytes += ciphertext.count
                }
            }

            try seal(megabytes: 1)
            let before = try peakMemory()
            try seal(megabytes: 255)
            let growth = try peakMemory() - before
            precondition(sealedBytes == 256 << 20 + Binding.length)
            precondition(growth < 2 << 20, "grew by \(growth) bytes")
        }
    }
}
