public import ArgumentParser
public import Checking

// A word that is typed as it is shown.
extension Section: ExpressibleByArgument {}
