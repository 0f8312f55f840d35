import Glibc

/// The names in a directory one by one, in no order, without `.` and `..`. Files may be removed or moved meanwhile; one
/// that is added meanwhile may be missed.
public struct DirectoryNames: ~Copyable {
    /// Nil where there is no directory.
    private let stream: OpaquePointer?
    private let hidden: Bool

    /// A directory that `mayBeMissing` and is missing has no names. Names that begin with a dot are left out unless they
    /// are asked for.
    public init(_ path: String, hidden: Bool = false, mayBeMissing: Bool = false) throws(SystemError) {
        stream = opendir(path)
        self.hidden = hidden
        guard stream != nil || (mayBeMissing && errno == ENOENT) else { throw .last("read", path) }
    }

    deinit { if let stream { closedir(stream) } }

    public mutating func next() -> String? {
        while let stream, let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if hidden ? name != "." && name != ".." : !name.hasPrefix(".") { return name }
        }
        return nil
    }

    /// The names that are left, at most `limit` of them, sorted.
    public consuming func sorted(limit: Int = .max) -> [String] {
        var names: [String] = []
        while names.count < limit, let name = next() { names.append(name) }
        return names.sorted()
    }
}
