import Glibc

/// A directory in which new files are made. No name that exists is touched, and no link in the directory is followed,
/// whoever else may write there; the directory itself stays the one that was opened. Owns its descriptor.
public struct NewFiles: ~Copyable {
    private let directory: FileDescriptor

    /// Opens a directory; makes it (0700) if it is missing, but not those that it is in.
    public init(in path: String) throws(SystemError) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .last("make", path) }
        directory = try FileDescriptor(path, O_RDONLY | O_DIRECTORY)
    }

    /// Makes a file that its owner alone may read (0600), durably but for its name. Throws a `SystemError` of the code
    /// EEXIST if the directory has the name, as whatever; leaves no file behind when it throws.
    public borrowing func create(_ name: String, with bytes: [UInt8]) throws(SystemError) {
        precondition(!name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")) && name != "." && name != "..")
        let file = try FileDescriptor(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, in: directory)
        do {
            try file.write(bytes, at: 0)
            try file.synchronize()
        } catch {
            unlinkat(directory.number, name, 0)
            throw error
        }
    }

    /// Makes the new names durable.
    public borrowing func synchronize() throws(SystemError) {
        try directory.synchronize()
    }
}
