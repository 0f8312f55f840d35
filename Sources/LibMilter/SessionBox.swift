import CLibmilter

/// A connection's session, and an error from an earlier step that had no reply. Owned by libmilter's private pointer
/// for the connection, from the first callback to close.
final class SessionBox {
    /// The session factory, global because libmilter's callbacks carry no pointer of ours until a connection has one.
    /// Written once, before libmilter starts any thread.
    nonisolated(unsafe) static var factory: (@Sendable () -> any MilterSession)?
    /// Global and written once, as `factory`.
    nonisolated(unsafe) static var refused: (@Sendable (String) -> Void)?
    /// Global and written once, as `factory`.
    nonisolated(unsafe) static var pool: WorkerPoolWatch?

    private let session: any MilterSession
    private var failure: (any Error)?

    private init(session: any MilterSession) { self.session = session }

    static func of(_ context: OpaquePointer?) -> SessionBox {
        if let stored = smfi_getpriv(context) {
            return Unmanaged<SessionBox>.fromOpaque(stored).takeUnretainedValue()
        }
        pool?.checkDescriptors()
        let box = SessionBox(session: factory!())
        smfi_setpriv(context, Unmanaged.passRetained(box).toOpaque())
        return box
    }

    func negotiated(_ abilities: MilterAbilities) { session.negotiated(abilities) }

    /// At close. Only frees memory: after a time-out libmilter calls it under its global lock.
    static func release(_ context: OpaquePointer?) {
        guard let stored = smfi_getpriv(context) else { return }
        smfi_setpriv(context, nil)
        let box = Unmanaged<SessionBox>.fromOpaque(stored).takeRetainedValue()
        box.abort()
    }

    /// Runs a step without a reply. An error is kept for the next step that has one.
    func quietly(_ step: (any MilterSession) throws -> Void) -> sfsistat {
        if failure == nil {
            do { try step(session) } catch { failure = error }
        }
        return sfsistat(SMFIS_NOREPLY)
    }

    /// Runs a step with a reply. Errors, of this step or an earlier one, become a temporary refusal here and nowhere
    /// else.
    func reply(_ context: OpaquePointer?, _ step: (any MilterSession) throws -> MilterVerdict) -> sfsistat {
        do {
            if let failure { throw failure }
            return switch try step(session) {
            case .proceed: sfsistat(SMFIS_CONTINUE)
            case .accept: sfsistat(SMFIS_ACCEPT)
            }
        } catch {
            let reply = session.failed(error)
            abort()
            // If this fails, libmilter sends its own text, still with a temporary refusal.
            reply.code.withMutableCString { code in
                reply.status.withMutableCString { status in
                    reply.text.withMutableCString { text in
                        _ = smfi_setreply(context, code, status, text)
                    }
                }
            }
            return sfsistat(SMFIS_TEMPFAIL)
        }
    }

    func abort() {
        failure = nil
        session.abort()
    }
}

extension String {
    /// For C functions that take `char *` but do not write to it.
    func withMutableCString<Value>(_ body: (UnsafeMutablePointer<CChar>) -> Value) -> Value {
        withCString { body(UnsafeMutablePointer(mutating: $0)) }
    }
}
