import Glibc
import Testing

@testable import System

@Suite struct MemoryFileTests {
    @Test func `its owner alone reads it, nobody changes it, no program inherits it, and it ends with its value`() throws {
        var path = ""
        do {
            let file = try MemoryFile(Array("secret".utf8), name: "test")
            path = file.path
            #expect(try contents(ofFile: path) == Array("secret".utf8))
            var status = stat()
            #expect(stat(path, &status) == 0)
            #expect(status.st_mode == S_IFREG | 0o600)
            #expect { try FileDescriptor(path, O_WRONLY).write([1], at: 0) } throws: { ($0 as? SystemError)?.code == EPERM }
            #expect(truncate(path, 0) != 0)
            let number = try #require(Int32(path.split(separator: "/").last!))
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        }
        #expect(readMemoryFile(path) == nil)
    }

    /// The name of the memory file that a descriptor has; nil if it is something else by now, or closed.
    private func readMemoryFile(_ path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 100)
        guard readlink(path, &buffer, 99) > 0 else { return nil }
        let target = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return target.hasPrefix("/memfd:test") ? target : nil
    }
}
