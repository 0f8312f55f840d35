import ArgumentParser
import Foundation
import MIME
import SMIME
import SettingsFile
import System

/// How a reader's command reads mail.
struct ReadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Certificates (PEM) of the authorities that count for S/MIME signatures; else smime_authorities.",
            valueName: "file"), completion: .file())
    var smimeAuthorities: String?

    /// The reader's time zone or UTC, and the authorities of the option or the settings.
    func context(_ settings: Settings, isUTC: Bool) throws -> ReadingContext {
        var context = ReadingContext(timeZone: isUTC ? "UTC" : TimeZone.current.identifier)
        guard let path = smimeAuthorities ?? settings.smimeAuthorities else { return context }
        do {
            context.authorities = try CertificateAuthorities(pem: FileDescriptor(path, O_RDONLY).readToEnd())
        } catch let error as SMIMEError {
            throw CommandError("\(path): \(error)")
        } catch let error as SystemError {
            throw CommandError("\(path): \(error.reason)")
        }
        return context
    }
}
