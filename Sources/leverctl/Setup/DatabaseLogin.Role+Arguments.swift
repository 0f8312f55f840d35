public import ArgumentParser
public import Setup

// Typed as it is shown.
extension DatabaseLogin.Role: ExpressibleByArgument {}
