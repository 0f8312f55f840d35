import CLibmilter
import Glibc

/// The filter as libmilter runs it: one a process, since libmilter keeps its state in globals.
///
/// `run` takes the calling thread until `stop`. libmilter waits for SIGHUP, SIGTERM and SIGINT on a thread of its own
/// and then drops live sessions; a program that wants to end them in order waits for these signals on its main thread,
/// which the kernel prefers, and calls `run` on another.
///
/// BUGS: a header value ends at its first NUL byte, since libmilter hands it over as a C string.
public struct Milter: Sendable {
    /// Shown in libmilter's own messages.
    private let name: String

    /// Registers the filter. `makeSession` is called once for each connection, on a libmilter thread; `refused` when a
    /// mail server is turned away because it lacks something the filter relies on.
    public init(
        name: String,
        makeSession: @escaping @Sendable () -> any MilterSession,
        refused: @escaping @Sendable (_ reason: String) -> Void
    ) throws(MilterError) {
        precondition(SessionBox.factory == nil, "libmilter takes one filter a process")
        self.name = name
        SessionBox.factory = makeSession
        SessionBox.refused = refused

        var description = smfiDesc()
        description.xxfi_version = SMFI_VERSION
        description.xxfi_flags = UInt(SMFIF_SETSYMLIST)
        description.xxfi_negotiate = negotiate
        description.xxfi_envfrom = { context, arguments in
            SessionBox.of(context).quietly { try $0.mail(path: firstArgument(arguments)) }
        }
        description.xxfi_envrcpt = { context, arguments in
            SessionBox.of(context).quietly { try $0.recipient(path: firstArgument(arguments)) }
        }
        description.xxfi_data = { context in
            SessionBox.of(context).reply(context) { try $0.data(MilterMacros { macro($0, of: context) }) }
        }
        description.xxfi_header = { context, name, value in
            SessionBox.of(context).quietly { try $0.header(name: bytes(name), value: bytes(value)) }
        }
        description.xxfi_eoh = { context in
            SessionBox.of(context).reply(context) { try $0.endOfHeader() }
        }
        description.xxfi_body = { context, start, count in
            SessionBox.of(context).quietly { try $0.body(UnsafeRawBufferPointer(start: start, count: count)) }
        }
        description.xxfi_eom = { context in
            SessionBox.of(context).reply(context) { try $0.endOfMessage() }
        }
        description.xxfi_abort = { context in
            SessionBox.of(context).abort()
            return sfsistat(SMFIS_CONTINUE)
        }
        description.xxfi_close = { context in
            SessionBox.release(context)
            return sfsistat(SMFIS_CONTINUE)
        }
        let registered = name.withCString { start in
            // libmilter copies the name.
            description.xxfi_name = UnsafeMutablePointer(mutating: start)
            return smfi_register(description)
        }
        guard registered == MI_SUCCESS else { throw MilterError("libmilter did not take the filter") }
    }

    /// Opens the listening socket at an address in libmilter's form: `unix:/path`, `inet:port@host`, `fd:N`.
    public func listen(at address: String) throws(MilterError) {
        errno = 0
        let opened = address.withCString { start in
            smfi_setconn(UnsafeMutablePointer(mutating: start)) == MI_SUCCESS && smfi_opensocket(0) == MI_SUCCESS
        }
        guard opened else { throw .cannotListen(at: address, errno: errno) }
    }

    /// Serves connections until `stop`.
    public func run() throws(MilterError) {
        guard smfi_main() == MI_SUCCESS else { throw MilterError("libmilter ended with an error") }
    }

    /// Makes `run` return, within some seconds. Live sessions are dropped.
    public func stop() {
        smfi_stop()
    }
}

/// The queue ID, wanted from DATA on.
private let queueIDMacro = "i"

/// Steps that the server leaves out, or does not wait for a reply to.
private let wantedSteps = UInt(
    SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY
        | SMFIP_HDR_LEADSPC)

private func negotiate(
    context: OpaquePointer?, actions: UInt, steps: UInt, _: UInt, _: UInt,
    wantedActions: UnsafeMutablePointer<UInt>?, wanted: UnsafeMutablePointer<UInt>?,
    _ reserved2: UnsafeMutablePointer<UInt>?, _ reserved3: UnsafeMutablePointer<UInt>?
) -> sfsistat {
    guard steps & wantedSteps == wantedSteps else {
        let missing = String(wantedSteps & ~steps, radix: 16)
        SessionBox.refused?("the mail server lacks milter protocol steps 0x\(missing); Postfix 2.6 or later has them")
        return sfsistat(SMFIS_REJECT)
    }
    wanted?.pointee = wantedSteps
    wantedActions?.pointee = actions & UInt(SMFIF_SETSYMLIST)
    // Postfix 3.7 sends its default macros for a stage whose list is empty. Those of MAIL and RCPT hold addresses, which
    // libmilter keeps until the connection ends, so there the list names one that Postfix does not have yet.
    if actions & UInt(SMFIF_SETSYMLIST) != 0 {
        for stage in [SMFIM_ENVFROM, SMFIM_ENVRCPT, SMFIM_DATA] {
            _ = queueIDMacro.withCString { smfi_setsymlist(context, stage, UnsafeMutablePointer(mutating: $0)) }
        }
    }
    reserved2?.pointee = 0
    reserved3?.pointee = 0
    return sfsistat(SMFIS_CONTINUE)
}

private func firstArgument(_ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> String {
    arguments?.pointee.map { String(cString: $0) } ?? ""
}

private func bytes(_ text: UnsafeMutablePointer<CChar>?) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text, count: text.map { strlen($0) } ?? 0)
}

private func macro(_ name: String, of context: OpaquePointer?) -> String? {
    name.withCString { start in
        smfi_getsymval(context, UnsafeMutablePointer(mutating: start)).map { String(cString: $0) }
    }
}
