import CLibmilter

/// What the mail server lets this filter do, as it was negotiated.
public struct MilterAbilities: Hashable, Sendable {
    /// Give a message one more recipient with parameters of RCPT TO.
    public var addsRecipients: Bool
    public var addsHeaderFields: Bool
    public var changesHeaderFields: Bool

    public init(addsRecipients: Bool, addsHeaderFields: Bool, changesHeaderFields: Bool) {
        self.addsRecipients = addsRecipients
        self.addsHeaderFields = addsHeaderFields
        self.changesHeaderFields = changesHeaderFields
    }
}

/// Changes of a message at its end. The server makes them if it accepts the message in the end. Valid during the call
/// alone.
public struct MilterChanges {
    private let recipient: (_ path: String, _ parameters: String) throws -> Void
    private let field: (_ name: String, _ value: String) throws -> Void
    private let firstField: (_ name: String, _ value: String) throws -> Void

    public init(
        addRecipient: @escaping (_ path: String, _ parameters: String) throws -> Void,
        addHeaderField: @escaping (_ name: String, _ value: String) throws -> Void,
        setHeaderField: @escaping (_ name: String, _ value: String) throws -> Void
    ) {
        recipient = addRecipient
        field = addHeaderField
        firstField = setHeaderField
    }

    /// `path` has its angle brackets; `parameters` is what follows it in RCPT TO, such as `NOTIFY=NEVER` (RFC 3461).
    public func addRecipient(path: String, parameters: String) throws { try recipient(path, parameters) }

    /// At the end of the header. `value` is all that follows the colon, leading space included.
    public func addHeaderField(name: String, value: String) throws { try field(name, value) }

    /// Gives the first field of that name another value; adds one where there is none. `value` as above.
    public func setHeaderField(name: String, value: String) throws { try firstField(name, value) }
}

extension MilterChanges {
    init(of context: OpaquePointer?) {
        self.init(
            addRecipient: { path, parameters in
                try Self.check("the mail server did not take a further recipient") {
                    path.withMutableCString { path in
                        parameters.withMutableCString { smfi_addrcpt_par(context, path, $0) }
                    }
                }
            },
            addHeaderField: { name, value in
                try Self.check("the mail server did not take a further header field") {
                    name.withMutableCString { name in
                        value.withMutableCString { smfi_addheader(context, name, $0) }
                    }
                }
            },
            setHeaderField: { name, value in
                try Self.check("the mail server did not take another value of a header field") {
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
