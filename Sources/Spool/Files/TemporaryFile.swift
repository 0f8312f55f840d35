import Glibc

/// A new file that goes when its owner does, unless it was renamed before.
struct TemporaryFile: ~Copyable {
    let descriptor: FileDescriptor

    init(_ path: String) throws(SpoolError) {
        descriptor = try FileDescriptor(path, O_RDWR | O_CREAT | O_EXCL)
    }

    deinit { unlink(descriptor.path) }
}
