import Glibc
import MIME
import System

/// Saves attachments as new files of one directory.
struct AttachmentFiles: ~Copyable {
    private let directory: String
    private let files: NewFiles
    private var count = 0
    /// The last number that each name was given: a message may have thousands of one name.
    private var numbers: [String: Int] = [:]

    /// Throws `CommandError` if there can be no such directory.
    init(in directory: String) throws(CommandError) {
        let files = try Self.newFiles(in: directory)
        self.directory = directory
        self.files = files
    }

    private static func newFiles(in directory: String) throws(CommandError) -> NewFiles {
        do throws(SystemError) {
            return try NewFiles(in: directory)
        } catch {
            throw CommandError("\(directory): \(error.reason); nothing was saved")
        }
    }

    /// Saves a file and returns its path. If the name exists, it gets a number; `name` is one of
    /// `Message.Attachment.fileName`.
    mutating func save(_ bytes: [UInt8], as name: String) throws(CommandError) -> String {
        let wanted = AttachmentFileName(saved: name)
        var number = numbers[wanted.text, default: 0]
        while number < 10_000 {
            number += 1
            let name = number == 1 ? wanted.text : wanted.numbered(number)
            let path = directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
            do throws(SystemError) {
                try files.create(name, with: bytes)
            } catch {
                if error.code == EEXIST { continue }
                throw failure(path, error)
            }
            count += 1
            numbers[wanted.text] = number
            return path
        }
        throw CommandError("\(directory): there are 10,000 files '\(name)'; choose another directory")
    }

    /// Makes the names of the files durable.
    func finish() throws(CommandError) {
        do throws(SystemError) { try files.synchronize() } catch { throw failure(directory, error) }
    }

    private func failure(_ path: String, _ error: SystemError) -> CommandError {
        let saved = count == 0 ? "nothing was saved" : "\(counted(count, "attachment")) before it saved"
        return CommandError("\(path): \(error.reason); \(saved)")
    }
}
