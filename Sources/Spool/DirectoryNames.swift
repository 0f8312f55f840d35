import Glibc

/// The names in a directory, without hidden ones, one after the other and in no order. Files may be removed or moved
/// while this runs; what is added may be missed.
struct DirectoryNames: ~Copyable {
    private let stream: OpaquePointer

    init(_ path: String) throws(SpoolError) {
        guard let stream = opendir(path) else { throw .system("read", path) }
        self.stream = stream
    }

    deinit { closedir(stream) }

    mutating func next() -> String? {
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { return name }
        }
        return nil
    }
}
