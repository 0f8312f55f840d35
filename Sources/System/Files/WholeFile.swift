import Glibc

/// A whole file, or its first `limit` bytes; nil where there is none.
public func contents(ofFile path: String, limit: Int = .max) throws(SystemError) -> [UInt8]? {
    guard let file = try FileDescriptor.existing(path, O_RDONLY) else { return nil }
    return try file.readToEnd(limit: limit)
}

/// Writes a new file that its owner alone may read and write (0600), durably. A file that exists is an error (EEXIST);
/// no file is left behind on failure.
public func createFile(_ path: String, with bytes: [UInt8]) throws(SystemError) {
    try writeNew(path, bytes, ownedAs: nil)
    do {
        try synchronizeDirectory(directory(of: path))
    } catch {
        unlink(path)
        throw error
    }
}

/// Replaces a file as a whole, durably: readers see the old content or the new, also after a crash. The new file is
/// called `PATH.new` until it is complete, and has the mode 0600; root gives it to the owner of the file `model`.
public func replaceFile(_ path: String, with bytes: [UInt8], ownedAs model: String? = nil) throws(SystemError) {
    let temporary = path + ".new"
    unlink(temporary)
    try writeNew(temporary, bytes, ownedAs: model)
    guard rename(temporary, path) == 0 else {
        let error = SystemError.last("rename", temporary)
        unlink(temporary)
        throw error
    }
    try synchronizeDirectory(directory(of: path))
}

/// The content is durable when this returns, and the name not yet.
private func writeNew(_ path: String, _ bytes: [UInt8], ownedAs model: String?) throws(SystemError) {
    let file = try FileDescriptor(path, O_WRONLY | O_CREAT | O_EXCL)
    do {
        if let model, geteuid() == 0 { try file.takeOwner(of: model) }
        try file.write(bytes, at: 0)
        try file.synchronize()
    } catch {
        unlink(path)
        throw error
    }
}

/// Makes durable which names a directory has: a file that was created, renamed or removed is so after a crash too.
public func synchronizeDirectory(_ directory: String) throws(SystemError) {
    try FileDescriptor(directory, O_RDONLY | O_DIRECTORY).synchronize()
}

/// The path of the directory that a path's last name is in.
public func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
}
