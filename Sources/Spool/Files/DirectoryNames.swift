import Glibc

/// The names in a directory, without hidden ones, one after the other and in no order. Files may be removed or moved
/// while this runs; what is added may be missed.
struct DirectoryNames: ~Copyable {
    /// Nil where there is no directory.
    private let stream: OpaquePointer?

    /// A directory that `mayBeMissing` has no names then.
    init(_ path: String, mayBeMissing: Bool = false) throws(SpoolError) {
        stream = opendir(path)
        guard stream != nil || (mayBeMissing && errno == ENOENT) else { throw .system("read", path) }
    }

    deinit { if let stream { closedir(stream) } }

    mutating func next() -> String? {
        while let stream, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { return name }
        }
        return nil
    }
}
