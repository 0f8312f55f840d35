public import ArgumentParser
public import MailFiles

// Words that are typed as they are named.
extension MailSource.Format: ExpressibleByArgument {}
