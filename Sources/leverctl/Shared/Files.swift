import Glibc

/// The whole of a file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) throws -> [UInt8] {
    guard let file = fopen(path, "re") else { throw CommandError("\(path): \(CommandError.system())") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: limit + 1)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw CommandError("\(path): \(CommandError.system())") }
    guard count <= limit else { throw CommandError("\(path): larger than \(limit) bytes; is it the right file?") }
    return Array(bytes[..<count])
}

/// What comes before the first CR or LF.
func firstLine(of bytes: [UInt8]) -> ArraySlice<UInt8> { bytes.prefix { $0 != 10 && $0 != 13 } }

/// Writes a new file that its owner alone may read (0600), durably. Never writes over a file that is there; leaves none
/// behind if it fails.
func writeNewFile(_ path: String, _ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
        throw CommandError(
            errno == EEXIST
                ? "\(path) exists and is not written over; choose another name"
                : "\(path): \(CommandError.system())")
    }
    do {
        defer { close(file) }
        try writeAll(bytes, to: file, called: path)
        guard fsync(file) == 0 else { throw CommandError("\(path): \(CommandError.system())") }
        try syncDirectory(of: path)
    } catch {
        unlink(path)
        throw error
    }
}

/// As `writeNewFile`, in place of a file that may be there: if it fails, that one is as it was.
func replaceFile(_ path: String, _ bytes: [UInt8]) throws {
    let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max))"
    try writeNewFile(temporary, bytes)
    guard rename(temporary, path) == 0 else {
        let reason = CommandError.system()
        unlink(temporary)
        throw CommandError("\(path): \(reason)")
    }
    try syncDirectory(of: path)
}

/// Writes bytes to standard output, behind whatever was printed before.
func writeOutput(_ bytes: [UInt8]) throws {
    fflush(nil)
    try writeAll(bytes, to: STDOUT_FILENO, called: "standard output")
}

private func writeAll(_ bytes: [UInt8], to file: Int32, called name: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count >= 0 || errno == EINTR else { throw CommandError("\(name): \(CommandError.system())") }
        rest = rest.dropFirst(max(0, count))
    }
}

/// Makes a new name in the file's directory durable.
private func syncDirectory(of path: String) throws {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandError("\(directory): \(CommandError.system())") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw CommandError("\(directory): \(CommandError.system())") }
}
