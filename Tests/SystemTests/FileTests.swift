import Glibc
import System
import TestSupport
import Testing

@Suite struct FileTests {
    private let directory = try! TemporaryDirectory("system-files")

    @Test func `a file is replaced as a whole, with mode 0600 and nothing left beside it`() throws {
        let path = directory.file("file")
        try replaceFile(path, with: Array("old".utf8))
        try replaceFile(path, with: Array("new".utf8))
        #expect(try contents(ofFile: path) == Array("new".utf8))
        #expect(try DirectoryNames(directory.path).sorted() == ["file"])
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    }

    @Test func `a new file is not written over one that exists`() throws {
        let path = directory.file("file")
        try createFile(path, with: [1])
        let error = #expect(throws: SystemError.self) { try createFile(path, with: [2]) }
        #expect(error?.code == EEXIST)
        #expect(try contents(ofFile: path) == [1])
    }

    @Test func `a directory takes new files alone, whatever else it is given for their names`() throws {
        let path = directory.file("new")
        do {
            let files = try NewFiles(in: path)
            try files.create("a", with: [1, 2])
            #expect(symlink(directory.file("target"), path + "/link") == 0 && mkdir(path + "/d", 0o700) == 0)
            for name in ["a", "link", "d"] {
                let error = #expect(throws: SystemError.self) { try files.create(name, with: [3]) }
                #expect(error?.code == EEXIST)
            }
            // The directory that was opened, not what has its path now.
            #expect(rename(path, directory.file("moved")) == 0 && symlink("/", path) == 0)
            try files.create("b", with: [])
            try files.synchronize()
        }
        #expect(try DirectoryNames(directory.file("moved")).sorted() == ["a", "b", "d", "link"])
        #expect(try contents(ofFile: directory.file("moved/a")) == [1, 2])
        #expect(try contents(ofFile: directory.file("target")) == nil)
        var status = stat()
        #expect(stat(directory.file("moved/b"), &status) == 0 && status.st_mode & 0o7777 == 0o600)
        #expect(stat(directory.file("moved"), &status) == 0 && status.st_mode & 0o7777 == 0o700)
        let error = #expect(throws: SystemError.self) { _ = try NewFiles(in: directory.file("moved/a")) }
        #expect(error?.code == ENOTDIR)
    }

    @Test func `a file that is missing is nil, one that cannot be read is an error`() throws {
        #expect(try contents(ofFile: directory.file("missing")) == nil)
        let error = #expect(throws: SystemError.self) { try contents(ofFile: directory.path) }
        #expect(error?.code == EISDIR)
        #expect(error?.description == "cannot read \(directory.path): Is a directory")
    }

    @Test func `a limit cuts a file, also one whose size is not known before`() throws {
        let path = directory.file("file")
        try createFile(path, with: Array(repeating: 7, count: 20_000))
        #expect(try contents(ofFile: path)?.count == 20_000)
        #expect(try contents(ofFile: path, limit: 9_000)?.count == 9_000)
        #expect(try contents(ofFile: "/proc/self/status", limit: 5) == Array("Name:".utf8))
        #expect(try contents(ofFile: "/proc/self/status")!.count > 100)
    }

    @Test func `bytes beyond the end of a file are an error`() throws {
        let path = directory.file("file")
        try createFile(path, with: [1, 2, 3])
        let file = try FileDescriptor(path, O_RDONLY)
        #expect(try file.read(1..<3) == [2, 3])
        let error = #expect(throws: SystemError.self) { try file.read(1..<4) }
        #expect(error?.code == 0)
        #expect(error?.description == "cannot read \(path): it ends early")
    }

    @Test func `names of a directory come without hidden ones, unless these are asked for`() throws {
        for name in ["b", "a", ".hidden"] { try createFile(directory.file(name), with: []) }
        #expect(try DirectoryNames(directory.path).sorted() == ["a", "b"])
        #expect(try DirectoryNames(directory.path, hidden: true).sorted() == [".hidden", "a", "b"])
        #expect(try DirectoryNames(directory.file("missing"), mayBeMissing: true).sorted() == [])
        #expect(throws: SystemError.self) { _ = try DirectoryNames(directory.file("missing")) }
    }

    @Test(arguments: [("/a/b", "/a"), ("/a", "/"), ("a", "."), ("a/b/c", "a/b")])
    func `the directory of a path`(path: String, parent: String) {
        #expect(System.directory(of: path) == parent)
    }
}
