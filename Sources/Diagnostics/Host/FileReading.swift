import Glibc
import System

/// Reads a file of unknown length, such as one in /proc, up to a limit; nil if it cannot be read.
func readText(_ path: String, limit: Int = 1 << 20) -> String? {
    (try? contents(ofFile: path, limit: limit)).flatMap(\.self).map { String(decoding: $0, as: UTF8.self) }
}

/// The target of a symbolic link, as written in the link.
func readLink(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The path without symbolic links; unchanged if it names nothing.
func realPath(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
}

/// The names in a directory without `.` and `..`, at most `limit` of them; nil if it cannot be read.
func namesInDirectory(_ path: String, limit: Int = .max) -> [String]? {
    try? DirectoryNames(path, hidden: true).sorted(limit: limit)
}
