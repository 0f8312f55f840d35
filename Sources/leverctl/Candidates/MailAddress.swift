import ArgumentParser
import Core

/// A mail address in an argument: alone, without angle brackets and display name.
struct MailAddress: ExpressibleByArgument {
    /// As it was given: mail goes there.
    let text: String
    /// What it is compared and found by.
    let address: Address

    init?(argument: String) {
        guard let address = Address(argument), argument.printable() == argument else { return nil }
        (text, self.address) = (argument, address)
    }
}
