/// The daemon cannot start. One line that says what to do.
public struct StartError: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}
