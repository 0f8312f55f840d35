public import ArgumentParser
public import Store

// Typed as it is stored.
extension KeyKind: ExpressibleByArgument {}
