import Glibc

/// The test harness itself failed: no verdict about the program under test.
public struct HarnessError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

/// The text of `errno`.
public func errorText() -> String { String(cString: strerror(errno)) }
