public import ArgumentParser
public import Core

// Typed as they are stored.
extension SyncLevel: ExpressibleByArgument {}
extension UnsignedMarkerPolicy: ExpressibleByArgument {}
extension CaptureMode: ExpressibleByArgument {}

extension MailProvider: ExpressibleByArgument {
    public init?(argument: String) { self.init(word: argument) }
}

extension Domain: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
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
