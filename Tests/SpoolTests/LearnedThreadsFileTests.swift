import Spool
import TestSupport
import Testing

@Suite struct MemoryFileTests {
    private let directory = try! TemporaryDirectory("memory")
    private var file: LearnedThreadsFile { LearnedThreadsFile(path: directory.file("memory")) }

    private func blocks(_ file: LearnedThreadsFile) throws -> [String]? {
        var found: [String] = []
        let isThere = try file.read { found.append("\($0.kind) \($0.number) \($0.bytes.count)") }
        return isThere ? found : nil
    }

    private func write() throws {
        var writer = try file.rewrite()
        try writer.append(LearnedThreadsFile.Block(.source, bytes: Array("here".utf8)))
        try writer.append(LearnedThreadsFile.Block(.threads, bytes: Array(repeating: 7, count: 32)))
        try writer.append(LearnedThreadsFile.Block(.horizon, number: 42))
        try writer.commit()
    }

    @Test func `blocks are read as they were written, followed by those appended later`() throws {
        #expect(try blocks(file) == nil)
        try write()
        #expect(try blocks(file) == ["source 0 4", "threads 0 32", "horizon 42 0"])
        try file.append([
            LearnedThreadsFile.Block(.candidates, bytes: [1]), LearnedThreadsFile.Block(.horizon, number: .max),
        ])
        #expect(
            try blocks(file)
                == ["source 0 4", "threads 0 32", "horizon 42 0", "candidates 0 1", "horizon \(Int64.max) 0"])
        // A new file replaces it once complete.
        let begun = try file.rewrite()
        #expect(try blocks(file)?.count == 5)
        try begun.commit()
        #expect(try blocks(file) == [])
    }

    @Test func `a file truncated anywhere is read up to its last whole block`() throws {
        try write()
        let whole = try contents(of: file.path)
        let ends = [8 + 21 + 4, 8 + 21 + 4 + 21 + 32, whole.count]
        for length in 0..<whole.count {
            try directory.write("memory", Array(whole.prefix(length)))
            #expect(try blocks(file)?.count == (length < 8 ? nil : ends.filter { $0 <= length }.count), "\(length)")
        }
    }

    @Test func `a flipped bit ends the reading at its block`() throws {
        try write()
        let whole = try contents(of: file.path)
        for place in 8..<whole.count {
            for bit in 0..<8 {
                var damaged = whole
                damaged[place] ^= 1 << bit
                try directory.write("memory", damaged)
                let read = try #require(try blocks(file))
                #expect(read == Array(["source 0 4", "threads 0 32", "horizon 42 0"].prefix(read.count)))
                #expect(read.count < 3)
            }
        }
        try directory.write("memory", Array("another file".utf8))
        #expect(try blocks(file) == nil)
    }
}
