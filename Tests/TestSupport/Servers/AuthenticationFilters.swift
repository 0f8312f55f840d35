import Foundation

/// Debian's OpenDKIM, OpenDMARC and rspamd, on ports of loopback. They check every client and write their results in one
/// name. Without DNS they find no keys and no policies; OpenDMARC lets SPF pass for clients on loopback. Needs root.
public final class AuthenticationFilters: Sendable {
    /// As Postfix names them.
    public let dkim, dmarc, rspamd: String
    private let directory: TemporaryDirectory
    private let processes: [ChildProcess]

    public init(authservID: String) throws {
        directory = try TemporaryDirectory("authfilters")
        let ports = try (0..<3).map { _ in try Loopback.freePort() }
        (dkim, dmarc, rspamd) = (
            "inet:127.0.0.1:\(ports[0])", "inet:127.0.0.1:\(ports[1])", "inet:127.0.0.1:\(ports[2])"
        )
        // Nobody's address: mail from loopback is checked as from anywhere.
        try directory.write("nobody", "192.0.2.1\n")
        try directory.write(
            "opendkim.conf",
            """
            Mode v
            Socket inet:\(ports[0])@127.0.0.1
            Background no
            AuthservID \(authservID)
            InternalHosts 192.0.2.1
            ExternalIgnoreList 192.0.2.1
            PeerList 192.0.2.1
            UserID opendkim

            """)
        try directory.write(
            "opendmarc.conf",
            """
            Socket inet:\(ports[1])@127.0.0.1
            Background no
            AuthservID \(authservID)
            TrustedAuthservIDs \(authservID)
            SPFSelfValidate true
            IgnoreHosts \(directory.file("nobody"))
            UserID opendmarc

            """)
        let work = try directory.makeDirectory("rspamd", owner: "_rspamd")
        // A list of two top-level domains: Debian's takes seconds to compile.
        try directory.write("domains", "example\ncom\n")
        try directory.write(
            "rspamd.conf",
            """
            options {
              pidfile = "\(work)/pid"; tempdir = "\(work)"; hs_cache_dir = "\(work)"; disable_hyperscan = true;
              url_tld = "\(directory.file("domains"))"; local_addrs = []; filters = "dkim,spf";
              dns { nameserver = ["127.0.0.1:9:1"]; timeout = 0.2s; retransmits = 1; }
            }
            logging { type = "file"; filename = "\(work)/log"; }
            worker "rspamd_proxy" {
              bind_socket = "127.0.0.1:\(ports[2])"; milter = yes; count = 1;
              upstream "local" { default = yes; self_scan = yes; }
            }
            modules { path = "/usr/share/rspamd/plugins/"; }
            lua = "/usr/share/rspamd/rules/rspamd.lua";
            milter_headers {
              use = ["authentication-results"]; skip_local = false;
              routines { authentication-results { header = "Authentication-Results"; } }
            }
            spf { enabled = true; } dkim { enabled = true; } dmarc { enabled = true; }
            metric { name = "default"; actions { reject = 1000; } }

            """)
        let directory = directory
        processes = try [
            ["opendkim", "-f", "-x", directory.file("opendkim.conf")],
            ["opendmarc", "-f", "-c", directory.file("opendmarc.conf")],
            ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", directory.file("rspamd.conf")],
        ].map { try ChildProcess($0, output: directory.file("\($0[0]).out")) }
        for (port, process) in zip(ports, processes) {
            try poll("the filters in \(directory.path) to answer", timeout: 60) {
                guard process.isRunning else { throw HarnessError("a filter in \(directory.path) ended") }
                return Loopback.answers(port: port) ? () : nil
            }
        }
    }
}
