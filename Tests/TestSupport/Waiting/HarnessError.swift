import Glibc

/// The test bench itself could not do something: no verdict about what is tested.
public struct HarnessError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// The text of `errno`.
public func errorText() -> String { String(cString: strerror(errno)) }
