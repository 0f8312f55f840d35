/// The macros (named values) that the mail server has sent so far. Valid only during the call.
public struct MilterMacros {
    private let value: (String) -> String?

    public init(_ value: @escaping (_ name: String) -> String?) { self.value = value }

    /// Nil if the server did not send it.
    public subscript(name: String) -> String? { value(name) }
}
