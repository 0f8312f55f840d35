public import ArgumentParser
public import Core

// Words that are typed as they are stored.
extension MailProvider: ExpressibleByArgument {}
extension SyncLevel: ExpressibleByArgument {}
