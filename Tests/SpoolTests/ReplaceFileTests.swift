import Core
import Glibc
import Sealing
import System
import TestSupport
import Testing

@testable import Spool

@Suite struct ReplaceFileTests {
    @Test func `a file is replaced atomically and is accessible to its owner only`() throws {
        let directory = try TemporaryDirectory("replace")
        try directory.write("file", "old and longer", mode: 0o644)
        try directory.write("file.new", "left by a crash")
        try replaceFile(directory.file("file"), with: Array("new".utf8))
        #expect(try contents(ofFile: directory.file("file")) == Array("new".utf8))
        #expect(try contents(ofFile: directory.file("file.new")) == nil)
        var status = stat()
        #expect(stat(directory.file("file"), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }
}
