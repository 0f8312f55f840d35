public import ArgumentParser
public import Core

// Typed as they are stored.
extension MailProvider: ExpressibleByArgument {}
extension SyncLevel: ExpressibleByArgument {}
extension UnsignedMarkerPolicy: ExpressibleByArgument {}
extension CaptureMode: ExpressibleByArgument {}

extension Domain: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension Collection where Element: RawRepresentable<String> {
    /// The words, for a help text.
    var names: String { map(\.rawValue).joined(separator: ", ") }
}

extension ForwardAddress {
    /// The address of an option's value. Throws `ValidationError` with the rules it breaks.
    static func parse(_ text: String) throws -> ForwardAddress {
        guard let address = ForwardAddress(text) else {
            throw ValidationError(
                "not a mail address in ASCII such as replies@hire.lever.co (at most 64 characters before the @, 254 "
                    + "in all; "
                    + "no quotes, no IP address)")
        }
        return address
    }
}
