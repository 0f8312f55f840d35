import Glibc
import System

/// The whole of a file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) throws -> [UInt8] {
    let bytes = try commandResult(path, FileDescriptor(path, O_RDONLY).readToEnd(limit: limit + 1))
    guard bytes.count <= limit else { throw CommandError("\(path): larger than \(limit) bytes; is it the right file?") }
    return bytes
}

/// The bytes before the first CR or LF.
func firstLine(of bytes: [UInt8]) -> ArraySlice<UInt8> { bytes.prefix { $0 != 10 && $0 != 13 } }

/// Writes a new file that its owner alone may read (0600), durably. Refuses to overwrite a file; leaves none behind on
/// failure.
func writeNewFile(_ path: String, _ bytes: [UInt8]) throws {
    do {
        try createFile(path, with: bytes)
    } catch  where error.code == EEXIST {
        throw CommandError("\(path) exists and is not overwritten; choose another name")
    } catch {
        throw CommandError("\(path): \(error.reason)")
    }
}

/// As `writeNewFile`, but replaces a file that exists: on failure that one is unchanged. In a directory of the user's, the
/// temporary file has a name that no other file has.
func replaceFile(_ path: String, _ bytes: [UInt8]) throws {
    let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max))"
    try writeNewFile(temporary, bytes)
    guard rename(temporary, path) == 0 else {
        let reason = CommandError.system()
        unlink(temporary)
        throw CommandError("\(path): \(reason)")
    }
    try commandResult(path, synchronizeDirectory(directory(of: path)))
}

/// Writes bytes to standard output, after everything printed before.
func writeOutput(_ bytes: [UInt8]) throws {
    fflush(nil)
    try commandResult("standard output", writeStandardOutput(bytes))
}

/// The value of an expression that only the system can refuse; throws its reason, with the name of the file.
private func commandResult<Value>(
    _ name: String, _ body: @autoclosure () throws(SystemError) -> Value
) throws(CommandError) -> Value {
    do {
        return try body()
    } catch {
        throw CommandError("\(name): \(error.reason)")
    }
}
