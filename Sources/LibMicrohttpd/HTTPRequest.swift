/// A request: its method and path.
public struct HTTPRequest: Sendable {
    public let method: String
    /// Without the query.
    public let path: String

    public init(method: String, path: String) { (self.method, self.path) = (method, path) }
}
