import CLinux
import Glibc

/// A file in memory, without a name and for this process alone (memfd_create(2)): for a library that reads a secret from
/// a file and judges the file's mode. Sealed, so that nobody changes it; gone with this value, and not passed on to
/// programs that are started meanwhile.
public struct MemoryFile: ~Copyable {
    private let descriptor: FileDescriptor

    /// What this process can open. Others that could are stopped by the mode, 0600.
    public var path: String { "/proc/self/fd/\(descriptor.number)" }

    /// `name` is for those who look at the process' descriptors, and nothing else.
    public init(_ bytes: [UInt8], name: String) throws(SystemError) {
        let file = try FileDescriptor(number: CLinux_memory_file(name), path: name)
        guard fchmod(file.number, 0o600) == 0 else { throw .last("change the mode of", name) }
        try file.write(bytes, at: 0)
        guard CLinux_seal(file.number) == 0 else { throw .last("seal", name) }
        descriptor = file
    }
}
