/// libmilter, or the system under it, could not set up the filter.
public struct MilterError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }
}
