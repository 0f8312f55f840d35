import Foundation
import Synchronization

/// A private Postfix: configuration, queue and mailbox in a temporary directory, smtpd on free ports of 127.0.0.1.
/// Every domain is its own and every mail goes to one maildir, so that nothing leaves the machine; the Delivered-To
/// field tells the recipient. Needs root.
public final class PostfixInstance: Sendable {
    /// smtpd processes that differ in what they offer.
    public enum Service: CaseIterable, Sendable {
        case smtp
        /// Does not offer CHUNKING.
        case withoutChunking
        /// Passes each mail on to `smtp`, as a relay in front of it would: each mail passes the filter twice.
        case relay
        /// Has no filter, as after it was detached.
        case unfiltered
        /// Submission (RFC 6409): STARTTLS, and users that Dovecot authenticates. Has the filter.
        case submission
        /// The same with implicit TLS (RFC 8314), and without the filter.
        case submissions
        /// The two again, without SMTPUTF8 (RFC 6531) and the filter.
        case asciiSubmission, asciiSubmissions

        /// The services that need only Postfix.
        public static let plain: [Service] = [.smtp, .withoutChunking, .relay, .unfiltered]

        private static let users =
            " -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes"
            + " -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject"
        private static let ascii =
            " -o smtpd_discard_ehlo_keywords=smtputf8,silent-discard -o smtpd_milters= -o syslog_name=postfix/ascii"

        func options(_ ports: [Service: UInt16]) -> String {
            switch self {
            case .smtp: ""
            case .withoutChunking: " -o smtpd_discard_ehlo_keywords=chunking,silent-discard"
            case .unfiltered: " -o smtpd_milters="
            case .relay: " -o content_filter=smtp:[127.0.0.1]:\(ports[.smtp]!)"
            case .submission: Self.users + " -o smtpd_tls_security_level=encrypt"
            case .submissions: Self.users + " -o smtpd_tls_wrappermode=yes -o smtpd_milters="
            case .asciiSubmission: Self.users + " -o smtpd_tls_security_level=encrypt" + Self.ascii
            case .asciiSubmissions: Self.users + " -o smtpd_tls_wrappermode=yes" + Self.ascii
            }
        }
    }

    public let maildir: Maildir
    private let directory: TemporaryDirectory
    private let ports: [Service: UInt16]
    private let master = Mutex<ChildProcess?>(nil)

    /// The root directory of smtpd and cleanup if they run chrooted.
    public var queueDirectory: String { directory.file("queue") }
    /// The directory of main.cf and master.cf.
    public var configuration: String { directory.file("etc") }
    private var log: String { directory.file("mail.log") }

    /// Starts Postfix with `settings` appended to its main.cf, and returns when it answers. With `chroot` smtpd and
    /// cleanup run chrooted, as on Debian.
    public init(
        settings: String = "", chroot: Bool = false, services: [Service] = Service.plain
    ) throws {
        guard geteuid() == 0 else { throw HarnessError("Postfix starts as root alone") }
        directory = try TemporaryDirectory("postfix")
        ports = Dictionary(uniqueKeysWithValues: try services.map { ($0, try Loopback.freePort()) })
        maildir = Maildir(path: directory.file("mail/all"))
        try directory.makeDirectory("etc")
        try directory.makeDirectory("queue")
        try directory.makeDirectory("data", owner: "postfix")
        try directory.makeDirectory("mail", owner: "nobody")
        let nobody = getpwnam("nobody").pointee.pw_uid
        try directory.write(
            "etc/main.cf",
            """
            compatibility_level = 3.6
            queue_directory = \(directory.file("queue"))
            data_directory = \(directory.file("data"))
            maillog_file = \(directory.file("mail.log"))
            maillog_file_prefixes = \(directory.path)
            myhostname = mx.example.net
            mydestination =
            inet_interfaces = loopback-only
            inet_protocols = ipv4
            mynetworks = 127.0.0.0/8
            alias_maps =
            virtual_mailbox_domains = static:all
            virtual_mailbox_base = \(directory.file("mail"))
            virtual_mailbox_maps = static:all/
            virtual_uid_maps = static:\(nobody)
            virtual_gid_maps = static:\(nobody)
            virtual_mailbox_limit = 0
            message_size_limit = 60000000
            default_transport = error:5.7.1 no mail leaves this test
            smtpd_recipient_restrictions = permit_mynetworks, reject
            smtpd_forbid_bare_newline = no
            smtpd_forbid_unauth_pipelining = no
            milter_default_action = tempfail
            \(settings)

            """)
        let root = chroot ? "y" : "n"
        let listeners = ports.map { [ports] service, port in
            "127.0.0.1:\(port) inet n - \(root) - - smtpd\(service.options(ports))"
        }
        try directory.write(
            "etc/master.cf",
            """
            \(listeners.joined(separator: "\n"))
            pickup unix n - n 60 1 pickup
            cleanup unix n - \(root) - 0 cleanup
            qmgr unix n - n 300 1 qmgr
            rewrite unix - - n - - trivial-rewrite
            bounce unix - - n - 0 bounce
            defer unix - - n - 0 bounce
            trace unix - - n - 0 bounce
            proxymap unix - - n - - proxymap
            flush unix n - n 1000? 0 flush
            showq unix n - n - - showq
            error unix - - n - - error
            retry unix - - n - - error
            tlsmgr unix - - n 1000? 1 tlsmgr
            virtual unix - n n - - virtual
            discard unix - - n - - discard
            smtp unix - - n - - smtp
            anvil unix - - n - 1 anvil
            scache unix - - n - 1 scache
            postlog unix-dgram n - n - 1 postlogd

            """)
        // Makes the queue's directories.
        try Command.check(["postfix", "-c", directory.file("etc"), "check"])
        try start()
    }

    /// Starts Postfix again with the same ports and queue, and returns when it answers.
    public func start() throws {
        try master.withLock { master in
            guard master == nil else { return }
            let process = try ChildProcess(
                ["/usr/lib/postfix/sbin/master", "-c", configuration, "-d"], output: directory.file("master.out"))
            master = process
            for port in ports.values {
                try poll("Postfix to answer; see \(log)", timeout: 30) {
                    guard process.isRunning else { throw HarnessError("Postfix ended: \(try mailLog())") }
                    return Loopback.answers(port: port) ? () : nil
                }
            }
        }
    }

    public var isRunning: Bool { master.withLock { $0?.isRunning ?? false } }

    /// Its running processes of that name, such as `smtpd` and `cleanup`; without one, all but the master.
    public func processes(named name: String? = nil) throws -> [RunningProcess] {
        guard let pid = master.withLock({ $0?.pid }) else { return [] }
        return try children(of: pid).filter { name == nil || $0.name == name }
    }

    /// Kills all of its processes at once.
    public func kill() throws {
        let processes = try processes()
        try master.withLock { master in
            master?.send(SIGKILL)
            for process in processes { process.send(SIGKILL) }
            try master?.waitForExit(timeout: 10)
            master = nil
        }
    }

    public func port(_ service: Service = .smtp) -> UInt16 { ports[service]! }

    /// Everything in the mail log so far.
    public func mailLog() throws -> String { String(decoding: try contents(of: log), as: UTF8.self) }

    /// Submits a message on the machine itself, with sendmail. Lines end in LF. Returns the exit status, which says
    /// nothing about the filter, which sees the message later.
    @discardableResult
    public func submit(_ message: [UInt8], from: String, to: [String]) throws -> Command {
        try Command.run(["sendmail", "-C", configuration, "-i", "-f", from, "--"] + to, input: message)
    }

    /// Reloads the configuration, as `postfix reload` does: sessions go on, idle processes end.
    public func reload() {
        master.withLock { $0?.send(SIGHUP) }
    }

    public func stop() throws {
        try master.withLock { master in
            try master?.stop()
            master = nil
        }
    }
}
