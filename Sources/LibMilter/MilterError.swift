/// libmilter or the system failed to set up or run the filter, or refused a change to a message.
public struct MilterError: Error, CustomStringConvertible, Sendable {
    public let description: String

    init(_ description: String) { self.description = description }
}
