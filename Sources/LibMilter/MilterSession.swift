/// One connection of the mail server: what a filter does at each step of the milter protocol.
///
/// libmilter makes one call at a time for one connection, but on whichever of its worker threads is free: keep nothing
/// in thread-local storage, and do nothing slow, since other connections wait for the same workers.
///
/// Steps without a verdict have no reply in the protocol. An error thrown there is kept and becomes the message's
/// verdict at the next step that has one; steps between are not called. After `accept` or `tempfail` neither
/// `endOfMessage` nor `abort` is called for that message, so whoever returns a verdict has let go of the message.
public protocol MilterSession: AnyObject {
    /// What the server lets the filter do. Not called on a connection that was not negotiated, where changes may fail.
    func negotiated(_ abilities: MilterAbilities)
    /// MAIL FROM: a message begins. `path` is the reverse-path with its angle brackets; valid during the call alone.
    func mail(path: UnsafeRawBufferPointer) throws
    /// RCPT TO, for each recipient that the server accepts; `path` as above.
    func recipient(path: UnsafeRawBufferPointer) throws
    /// DATA: the envelope is complete. `macros` has what was asked for.
    func data(_ macros: MilterMacros) throws -> MilterVerdict
    /// One header field; the value keeps its leading space, folds are LF. Both are valid during the call alone.
    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) throws
    /// What in it may wait for the disk goes through `Milter.whileBlocking`.
    func endOfHeader() throws -> MilterVerdict
    /// A part of the body, at most 64 KiB, lines ending in CRLF; valid during the call alone.
    func body(_ chunk: UnsafeRawBufferPointer) throws
    /// The one step at which the message can be changed.
    func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict
    /// The message ended early, for whatever reason; called at any time, also when there is none.
    func abort()
    /// A step threw. The one place where an error becomes the reply: the message is temporarily refused with this text.
    func failed(_ error: any Error) -> MilterReply
}

/// What the mail server is to do with a message.
public enum MilterVerdict: Sendable {
    /// Go on; at the end of the message: deliver it.
    case proceed
    /// Deliver the message and show no more of it.
    case accept
}

/// A temporary refusal.
public struct MilterReply: Equatable, Sendable {
    /// SMTP reply code: `451`, or `421`, after which the server ends the SMTP session.
    public let code: String
    /// RFC 3463 status code, such as `4.7.1`.
    public let status: String
    /// One line of ASCII, without `%` and line ends.
    public let text: String

    public init(code: String = "451", status: String, text: String) {
        self.code = code
        self.status = status
        self.text = text
    }
}

/// The macros (named values) that the mail server sent up to this step. Valid during the call alone.
public struct MilterMacros {
    private let value: (String) -> String?

    public init(_ value: @escaping (_ name: String) -> String?) { self.value = value }

    /// Nil where the server did not send it.
    public subscript(name: String) -> String? { value(name) }
}
