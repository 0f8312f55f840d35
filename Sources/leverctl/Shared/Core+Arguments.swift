public import ArgumentParser
public import Core

// Words that are typed as they are stored.
extension MailProvider: ExpressibleByArgument {}
extension SyncLevel: ExpressibleByArgument {}
extension UnsignedMarkerPolicy: ExpressibleByArgument {}
extension CaptureMode: ExpressibleByArgument {}

extension ForwardAddress {
    /// For an option's value, with what is wrong with it.
    static func parse(_ text: String) throws -> ForwardAddress {
        guard let address = ForwardAddress(text) else {
            throw ValidationError(
                "not a mail address in ASCII such as replies@hire.lever.co (at most 64 characters before the @, 254 in all; "
                    + "no quotes, no IP address)")
        }
        return address
    }
}
