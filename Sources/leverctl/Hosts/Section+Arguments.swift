public import ArgumentParser
public import Diagnostics

// Typed as it is shown.
extension Section: ExpressibleByArgument {}
