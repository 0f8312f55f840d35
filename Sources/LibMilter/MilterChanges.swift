import CLibmilter

/// Changes to a message, made at its end. The server applies them if it accepts the message. Valid only during the
/// call.
public struct MilterChanges {
    private let recipient: (_ path: String, _ parameters: String) throws -> Void
    private let field: (_ name: String, _ value: String) throws -> Void
    private let firstField: (_ name: String, _ value: String) throws -> Void

    /// Closures instead of libmilter, for tests.
    public init(
        addRecipient: @escaping (_ path: String, _ parameters: String) throws -> Void,
        addHeaderField: @escaping (_ name: String, _ value: String) throws -> Void,
        setHeaderField: @escaping (_ name: String, _ value: String) throws -> Void
    ) {
        recipient = addRecipient
        field = addHeaderField
        firstField = setHeaderField
    }

    /// `path` includes its angle brackets; `parameters` is what follows it in RCPT TO, such as `NOTIFY=NEVER` (RFC
    /// 3461).
    public func addRecipient(path: String, parameters: String) throws { try recipient(path, parameters) }

    /// Appends a field at the end of the header. `value` is everything after the colon, including the leading space.
    public func addHeaderField(name: String, value: String) throws { try field(name, value) }

    /// Replaces the value of the first field with that name; adds a field if there is none. `value` as above.
    public func setHeaderField(name: String, value: String) throws { try firstField(name, value) }
}

extension MilterChanges {
    init(of context: OpaquePointer?) {
        self.init(
            addRecipient: { path, parameters in
                try Self.check("the mail server refused to add a recipient") {
                    path.withMutableCString { path in
                        parameters.withMutableCString { smfi_addrcpt_par(context, path, $0) }
                    }
                }
            },
            addHeaderField: { name, value in
                try Self.check("the mail server refused to add a header field") {
                    name.withMutableCString { name in
                        value.withMutableCString { smfi_addheader(context, name, $0) }
                    }
                }
            },
            setHeaderField: { name, value in
                try Self.check("the mail server refused to change a header field") {
                    name.withMutableCString { name in
                        value.withMutableCString { smfi_chgheader(context, name, 1, $0) }
                    }
                }
            })
    }

    private static func check(_ problem: String, _ call: () -> Int32) throws(MilterError) {
        guard call() == MI_SUCCESS else { throw MilterError(problem) }
    }
}
