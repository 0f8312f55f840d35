public import ArgumentParser
public import Mailboxes

// Words that are typed as they are named.
extension MailSource.Format: ExpressibleByArgument {}
