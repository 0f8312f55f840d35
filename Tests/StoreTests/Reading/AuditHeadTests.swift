import Core
import Sealing
import Testing

@Suite struct AuditHeadTests {
    private let key: SigningKey
    private let hash = [UInt8].random(32)
    private let file: [UInt8]

    init() throws {
        key = try .generate()
        file = try AuditHead.export(
            company: CompanyID(rawValue: 7), sequence: 42, hash: hash, time: .now(), key: key)
    }

    private func malformed(_ file: [UInt8]) -> AuditHead.Malformed? {
        do {
            _ = try AuditHead(file: file)
            return nil
        } catch {
            return error
        }
    }

    private func replacing(_ old: String, with new: String) -> [UInt8] {
        Array(String(decoding: file, as: UTF8.self).replacing(old, with: new).utf8)
    }

    @Test func `it comes back as it was written, with its signer`() throws {
        let head = try AuditHead(file: file)
        #expect(head.company.rawValue == 7 && head.sequence == 42 && head.hash == hash)
        #expect(head.signer == key.verifyingKey)
        #expect(try head.signer != SigningKey.generate().verifyingKey)
    }

    @Test func `a bit that flips anywhere is refused`() {
        for index in file.indices {
            for bit in 0..<8 {
                var changed = file
                changed[index] ^= 1 << bit
                #expect(malformed(changed) != nil, "byte \(index), bit \(bit)")
            }
        }
    }

    @Test(arguments: [-100, -1, 1])
    func `a file that is cut, longer or no head is refused`(change: Int) {
        #expect(malformed(change < 0 ? file.dropLast(-change) : file + [0x0a]) == .notAHead)
        #expect(malformed([]) == .notAHead)
    }

    @Test func `another title, another number and another signer are refused`() throws {
        #expect(malformed(replacing("audit head 1", with: "audit head 2")) == .notAHead)
        #expect(malformed(replacing("sequence: 42", with: "sequence: 41")) == .badSignature)
        let other = try SigningKey.generate().verifyingKey.bytes.hex
        #expect(malformed(replacing(key.verifyingKey.bytes.hex, with: other)) == .badSignature)
        #expect(malformed(replacing("company: 7", with: "company: 7")) == nil)
    }
}
