import Glibc

/// A new file that is removed when this value ends, unless it was renamed before.
public struct TemporaryFile: ~Copyable, Sendable {
    public let descriptor: FileDescriptor

    public init(_ path: String) throws(SystemError) {
        descriptor = try FileDescriptor(path, O_RDWR | O_CREAT | O_EXCL)
    }

    deinit { unlink(descriptor.path) }
}
