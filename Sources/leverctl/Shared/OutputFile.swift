import Glibc
import System

/// A new file that is written piece by piece, readable by its owner alone (0600). It has its name once it is complete;
/// if that does not come about, nothing is left of it. Owns the descriptor.
final class OutputFile {
    private let path: String
    private let temporary: String
    private let overwrites: Bool
    private let file: FileDescriptor
    private var size = 0

    /// Throws `CommandError`, also if the file exists and is not to be overwritten.
    init(_ path: String, overwriting: Bool) throws(CommandError) {
        var status = stat()
        if !overwriting, lstat(path, &status) == 0 { throw Self.exists(path) }
        // In a directory of the user's: a name that no other file has.
        let temporary = "\(path).\(UInt64.random(in: 0...UInt64.max))"
        do throws(SystemError) {
            file = try FileDescriptor(temporary, O_WRONLY | O_CREAT | O_EXCL)
        } catch {
            throw CommandError("\(path): \(error.reason)")
        }
        (self.path, self.temporary, overwrites) = (path, temporary, overwriting)
    }

    // After `finish` there is no such name.
    deinit { unlink(temporary) }

    func write(_ bytes: [UInt8]) throws(CommandError) {
        do throws(SystemError) { try file.write(bytes, at: size) } catch { throw failure(error) }
        size += bytes.count
    }

    /// Makes the file durable and gives it its name.
    func finish() throws(CommandError) {
        do throws(SystemError) { try file.synchronize() } catch { throw failure(error) }
        if overwrites {
            guard rename(temporary, path) == 0 else { throw CommandError("\(path): \(CommandError.system())") }
        } else {
            // Unlike rename(2), never over a file that came meanwhile.
            guard link(temporary, path) == 0 else {
                throw errno == EEXIST ? Self.exists(path) : CommandError("\(path): \(CommandError.system())")
            }
            unlink(temporary)
        }
        do throws(SystemError) { try synchronizeDirectory(directory(of: path)) } catch { throw failure(error) }
    }

    private static func exists(_ path: String) -> CommandError {
        CommandError("\(path) exists and is not overwritten; choose another name, or give --force")
    }

    private func failure(_ error: SystemError) -> CommandError {
        CommandError("\(path): \(error.reason); nothing was written")
    }
}

/// Where what a command writes goes.
enum Destination {
    case standardOutput
    case file(OutputFile)

    func write(_ bytes: [UInt8]) throws {
        switch self {
        case .standardOutput: try writeOutput(bytes)
        case .file(let file): try file.write(bytes)
        }
    }

    func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// Once all is written.
    func finish() throws {
        if case .file(let file) = self { try file.finish() }
    }
}
