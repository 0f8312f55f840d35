public import ArgumentParser
public import Mailboxes

// Typed as they are named.
extension MailSource.Format: ExpressibleByArgument {}
