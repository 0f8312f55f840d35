/// A response. libmicrohttpd leaves the body out for HEAD.
public struct HTTPResponse: Sendable {
    public let status: Int
    public let contentType: String
    /// The Allow field: methods that the path supports, for status 405.
    public let allow: String?
    public let body: [UInt8]

    public init(
        status: Int = 200, contentType: String = "text/plain; charset=utf-8", allow: String? = nil, body: [UInt8]
    ) {
        (self.status, self.contentType, self.allow, self.body) = (status, contentType, allow, body)
    }
}
