public import ArgumentParser
public import Diagnostics

// A word that is typed as it is shown.
extension Section: ExpressibleByArgument {}
