/// A filter's side of one connection from the mail server: one method for each step of the milter protocol.
///
/// libmilter makes one call at a time for a connection, but on any of its worker threads. Keep nothing in thread-local
/// storage, and do nothing slow: other connections wait for the same workers.
///
/// Steps that return no verdict have no reply in the protocol. An error thrown there is kept, and fails the message at
/// the next step that has a reply; steps in between are not called. After an error `failed` and then `abort` are
/// called. After `accept` neither `endOfMessage` nor `abort` is, so a session must release its message before it
/// returns that.
public protocol MilterSession: AnyObject {
    /// The server's optional actions. Not called if the connection was not negotiated; changes may fail then.
    func negotiated(_ abilities: MilterAbilities)
    /// MAIL FROM: a message begins. `path` is the reverse-path with its angle brackets, valid only during the call.
    func mail(path: UnsafeRawBufferPointer) throws
    /// RCPT TO, for each recipient that the server accepts; `path` as above.
    func recipient(path: UnsafeRawBufferPointer) throws
    /// DATA: the envelope is complete. `macros` has the macros that were requested in negotiation.
    func data(_ macros: MilterMacros) throws -> MilterVerdict
    /// One header field. The value keeps its leading space, and folds as LF. Both are valid only during the call.
    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) throws
    /// End of header. Anything in it that may wait for the disk must run inside `Milter.whileBlocking`.
    func endOfHeader() throws -> MilterVerdict
    /// A chunk of the body, at most 64 KiB, lines ending in CRLF. Valid only during the call.
    func body(_ chunk: UnsafeRawBufferPointer) throws
    /// End of message: the only step at which the message can be changed.
    func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict
    /// The message was abandoned. May be called at any time, also when there is no message.
    func abort()
    /// A step threw. Returns the reply that refuses the message temporarily; this is the only place where an error
    /// becomes a reply.
    func failed(_ error: any Error) -> MilterReply
}
