import Foundation

/// A test's directory under /tmp. Removed with this object, or at the end of the test run, however that ends.
///
/// Mode 0755, since Postfix, PostgreSQL and nobody read below it.
public final class TemporaryDirectory: Sendable {
    public let path: String

    public init(_ name: String = "lever-milter") throws {
        var template = Array("/tmp/\(name).XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw HarnessError("mkdtemp: \(errorText())") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard chmod(path, 0o755) == 0 else { throw HarnessError("chmod \(path): \(errorText())") }
        Reaper.shared.watch(directory: path)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
        Reaper.shared.forget(directory: path)
    }

    /// The path of something in the directory.
    public func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a file and returns its path.
    @discardableResult
    public func write(_ name: String, _ text: String, mode: UInt32 = 0o644) throws -> String {
        try write(name, Array(text.utf8), mode: mode)
    }

    /// Writes a file and returns its path.
    @discardableResult
    public func write(_ name: String, _ bytes: [UInt8], mode: UInt32 = 0o644) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        guard chmod(file(name), mode) == 0 else { throw HarnessError("chmod \(name): \(errorText())") }
        return file(name)
    }

    /// Writes a shell script that can be run, and returns its path. install(1) makes the file: one that this process has
    /// open cannot be run, nor as long as a program that another test is starting has inherited it (ETXTBSY).
    @discardableResult
    public func writeProgram(_ name: String, _ script: String) throws -> String {
        try Command.check(["install", "-m", "755", write("\(name).script", "#!/bin/sh\n\(script)"), file(name)])
        return file(name)
    }

    /// Makes a directory in the directory and returns its path.
    @discardableResult
    public func makeDirectory(_ name: String, mode: UInt32 = 0o755, owner: String? = nil) throws -> String {
        guard mkdir(file(name), mode) == 0, chmod(file(name), mode) == 0 else {
            throw HarnessError("mkdir \(name): \(errorText())")
        }
        if let owner, geteuid() == 0 {
            guard let user = getpwnam(owner), chown(file(name), user.pointee.pw_uid, user.pointee.pw_gid) == 0 else {
                throw HarnessError("cannot give \(name) to \(owner)")
            }
        }
        return file(name)
    }
}

/// The whole of a file.
public func contents(of path: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}
