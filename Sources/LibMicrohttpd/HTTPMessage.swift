/// What was asked for.
public struct HTTPRequest: Sendable {
    public let method: String
    /// Without what follows a question mark.
    public let path: String

    public init(method: String, path: String) { (self.method, self.path) = (method, path) }
}

/// The answer. To HEAD it is sent without its body.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let contentType: String
    /// Methods that the path knows, where that is the answer.
    public let allow: String?
    public let body: [UInt8]

    public init(
        status: Int = 200, contentType: String = "text/plain; charset=utf-8", allow: String? = nil, body: [UInt8]
    ) {
        (self.status, self.contentType, self.allow, self.body) = (status, contentType, allow, body)
    }
}
