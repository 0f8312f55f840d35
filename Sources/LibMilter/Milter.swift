// LibMilter: libmilter for Swift. Callbacks become methods of a session, errors become temporary failures, and
// connections wait instead of failing when descriptors run out. Knows nothing of this product; may use libmilter and
// glibc.

import CLibmilter
import Glibc

/// The filter as libmilter runs it; one per process, since libmilter keeps its state in globals.
///
/// `run` occupies the calling thread for the life of the process. libmilter stops by dropping live sessions, so to shut
/// down gracefully a program holds new connections back, waits for the sessions to end, and exits. libmilter also drops
/// them on SIGHUP, SIGTERM and SIGINT, for which it waits on a thread of its own. A program that handles these signals
/// itself must wait for them on its main thread, which the kernel prefers, and call `run` on another.
///
/// BUGS: A header value ends at its first NUL byte, since libmilter passes it as a C string.
public struct Milter: Sendable {
    private let gate: AcceptGate
    private let pool: WorkerPoolWatch
    private let probe: Probe

    /// Callbacks for events that the filter may want to log. Called on any thread.
    public struct Events: Sendable {
        /// A mail server was turned away because it lacks a feature that the filter relies on.
        public var refused: @Sendable (_ reason: String) -> Void
        /// Nearly all descriptors are in use, so new connections have to wait; or, if `isShort` is false, they no
        /// longer do.
        public var shortOfDescriptors: @Sendable (_ isShort: Bool, _ allowed: UInt) -> Void

        public init(
            refused: @escaping @Sendable (_ reason: String) -> Void,
            shortOfDescriptors: @escaping @Sendable (_ isShort: Bool, _ allowed: UInt) -> Void
        ) {
            self.refused = refused
            self.shortOfDescriptors = shortOfDescriptors
        }
    }

    /// Registers the filter on a listening socket, which must stay open for the life of the process. `makeSession` is
    /// called once for each connection that negotiates, on a libmilter thread.
    public init(
        name: String, listener: Int32, events: Events, makeSession: @escaping @Sendable () -> any MilterSession
    ) throws(MilterError) {
        precondition(SessionBox.factory == nil, "libmilter runs one filter per process")
        gate = try AcceptGate(listener: listener)
        probe = Probe(listener: listener)
        pool = try WorkerPoolWatch(listener: listener, gate: gate, shortage: events.shortOfDescriptors)
        SessionBox.factory = makeSession
        SessionBox.refused = events.refused
        SessionBox.pool = pool

        var description = smfiDesc()
        description.xxfi_version = SMFI_VERSION
        description.xxfi_flags = wantedActions
        description.xxfi_negotiate = negotiate
        description.xxfi_envfrom = { context, arguments in
            SessionBox.of(context).quietly { try $0.mail(path: bytes(arguments?.pointee)) }
        }
        description.xxfi_envrcpt = { context, arguments in
            SessionBox.of(context).quietly { try $0.recipient(path: bytes(arguments?.pointee)) }
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
            SessionBox.of(context).quietly { session in
                try SessionBox.pool!.during {
                    try session.body(UnsafeRawBufferPointer(start: start, count: count))
                }
            }
        }
        description.xxfi_eom = { context in
            SessionBox.of(context).reply(context) { session in
                try SessionBox.pool!.during { try session.endOfMessage(MilterChanges(of: context)) }
            }
        }
        description.xxfi_abort = { context in
            SessionBox.of(context).abort()
            return sfsistat(SMFIS_CONTINUE)
        }
        description.xxfi_close = { context in
            SessionBox.release(context)
            SessionBox.pool?.checkDescriptors()
            return sfsistat(SMFIS_CONTINUE)
        }
        let registered = name.withCString { start in
            // libmilter copies the name.
            description.xxfi_name = UnsafeMutablePointer(mutating: start)
            return smfi_register(description)
        }
        guard registered == MI_SUCCESS else { throw MilterError("libmilter refused to register the filter") }
    }

    /// Serves connections. Returns only if libmilter fails or receives a signal after all.
    public func run() throws(MilterError) {
        let opened = "fd:\(gate.descriptor)".withCString { start in
            smfi_setconn(UnsafeMutablePointer(mutating: start)) == MI_SUCCESS && smfi_opensocket(0) == MI_SUCCESS
        }
        guard opened else { throw MilterError("libmilter refused the listening socket") }
        guard smfi_main() == MI_SUCCESS else { throw MilterError("libmilter ended with an error") }
    }

    /// Keeps sessions from waiting for each other's disk writes. Runs on a thread of its own beside `run`; does not
    /// return.
    public func watchWorkers() -> Never { pool.run() }

    /// Runs a part of `endOfHeader` that may wait for the disk, so that other sessions do not wait with it. `body` and
    /// `endOfMessage` are always run this way.
    public static func whileBlocking<Value: ~Copyable>(_ step: () throws -> Value) rethrows -> Value {
        guard let pool = SessionBox.pool else { return try step() }
        return try pool.during(step)
    }

    /// Whether a new connection is accepted and answered within `seconds`. Also true while connections are held back
    /// for lack of descriptors. Any thread.
    public func answers(within seconds: Double) -> Bool {
        gate.isShut(.descriptors) || probe.answers(within: seconds)
    }

    /// Stops accepting connections; new ones wait in the socket's backlog. Live sessions continue.
    public func holdConnections() { gate.shut(.stopping) }
}

/// The queue ID.
private let queueIDMacro = "i"
/// At DATA, also how the client authenticated, but not as whom, and its IP address.
private let dataMacros = "i {auth_type} {client_addr}"

/// Steps that the server must leave out, or must not wait for a reply to.
private let wantedSteps = UInt(
    SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_BODY
        | SMFIP_HDR_LEADSPC)

/// Requested for every connection, since settings may change while it lives and allow changes to messages.
private let wantedActions = UInt(SMFIF_SETSYMLIST | SMFIF_ADDHDRS | SMFIF_CHGHDRS | SMFIF_ADDRCPT_PAR)

private func negotiate(
    context: OpaquePointer?, actions: UInt, steps: UInt, _: UInt, _: UInt,
    agreedActions: UnsafeMutablePointer<UInt>?, wanted: UnsafeMutablePointer<UInt>?,
    _ reserved2: UnsafeMutablePointer<UInt>?, _ reserved3: UnsafeMutablePointer<UInt>?
) -> sfsistat {
    guard steps & wantedSteps == wantedSteps else {
        let missing = String(wantedSteps & ~steps, radix: 16)
        SessionBox.refused?("the mail server lacks milter protocol steps 0x\(missing); Postfix 2.6 or later has them")
        return sfsistat(SMFIS_REJECT)
    }
    wanted?.pointee = wantedSteps
    // A server that lacks some of them is good enough until a message has to be changed.
    agreedActions?.pointee = actions & wantedActions
    // For a stage with an empty list Postfix 3.7 sends its default macros. Those of MAIL and RCPT hold addresses, which
    // libmilter keeps until the connection ends, so for these stages the list names one that Postfix does not have yet.
    if actions & UInt(SMFIF_SETSYMLIST) != 0 {
        for stage in [SMFIM_ENVFROM, SMFIM_ENVRCPT, SMFIM_DATA] {
            let macros = stage == SMFIM_DATA ? dataMacros : queueIDMacro
            _ = macros.withCString { smfi_setsymlist(context, stage, UnsafeMutablePointer(mutating: $0)) }
        }
    }
    reserved2?.pointee = 0
    reserved3?.pointee = 0
    SessionBox.of(context).negotiated(
        MilterAbilities(
            addsRecipients: actions & UInt(SMFIF_ADDRCPT_PAR) != 0,
            addsHeaderFields: actions & UInt(SMFIF_ADDHDRS) != 0,
            changesHeaderFields: actions & UInt(SMFIF_CHGHDRS) != 0))
    return sfsistat(SMFIS_CONTINUE)
}

private func bytes(_ text: UnsafeMutablePointer<CChar>?) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: text, count: text.map { strlen($0) } ?? 0)
}

private func macro(_ name: String, of context: OpaquePointer?) -> String? {
    name.withCString { start in
        smfi_getsymval(context, UnsafeMutablePointer(mutating: start)).map { String(cString: $0) }
    }
}
