import Foundation
import TestSupport

/// Other filters, as unpacked by Benchmarks/install: each private, on loopback, without DNS and without state.
enum Peers {
    /// OpenDKIM that verifies, pymilter that sees the header as lever-milter does and does nothing, and rspamd with the
    /// rules that need no network.
    static let shared = Result { [try openDKIM(), try pymilter(), try rspamd()] }

    private static func openDKIM() throws -> Peer {
        try Peer("OpenDKIM") { directory, socket in
            // The key that the mail's signature names, instead of DNS.
            let key = try Command.check(["openssl", "genrsa", "2048"])
            let der = try Command.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input: Array(key.utf8)).output
            try directory.write(
                "keys", "2026._domainkey.home.example v=DKIM1; k=rsa; p=\(Data(der).base64EncodedString())\n")
            let configuration = try directory.write(
                "opendkim.conf",
                """
                Mode v
                Socket local:\(socket)
                UMask 000
                Background no
                Syslog no
                TestPublicKeys \(directory.file("keys"))

                """)
            return ["\(root)/usr/sbin/opendkim", "-x", configuration, "-f"]
        }
    }

    private static func pymilter() throws -> Peer {
        try Peer("pymilter", endingAt: .endOfHeader) { directory, socket in
            let script = try directory.write(
                "noop.py",
                """
                import os
                import sys
                import Milter


                class Filter(Milter.Base):
                    def envfrom(self, sender, *parameters):
                        return Milter.CONTINUE

                    def envrcpt(self, recipient, *parameters):
                        return Milter.CONTINUE

                    @Milter.noreply
                    def header(self, name, value):
                        return Milter.CONTINUE

                    def eoh(self):
                        return Milter.ACCEPT


                os.umask(0)
                Milter.factory = Filter
                Milter.runmilter("noop", sys.argv[1], 240)

                """)
            return ["python3", script, "unix:\(socket)"]
        }
    }

    private static func rspamd() throws -> Peer {
        try Peer("rspamd") { directory, socket in
            let (etc, share) = ("\(root)/etc/rspamd", "\(root)/usr/share/rspamd")
            let state = try directory.makeDirectory("state", owner: "nobody")
            let configuration = try directory.write(
                "rspamd.conf",
                """
                lua = "\(share)/rules/rspamd.lua"
                .include "\(etc)/metrics.conf"
                .include "\(etc)/actions.conf"
                options {
                    pidfile = "\(directory.file("pid"))";
                    filters = "chartable,regexp";
                    url_tld = "\(share)/effective_tld_names.dat";
                    dns { nameserver = ["127.0.0.1"]; timeout = 0.1s; retransmits = 1; }
                    tempdir = "\(state)";
                    hs_cache_dir = "\(state)";
                    control_socket = "\(state)/control mode=0600";
                }
                lang_detection { languages = "\(share)/languages"; }
                logging { type = "console"; level = "error"; }
                worker "rspamd_proxy" {
                    bind_socket = "\(socket) mode=0666";
                    milter = yes;
                    timeout = 120s;
                    upstream "local" { default = yes; self_scan = yes; }
                }

                """)
            let variables = [
                "CONFDIR=\(etc)", "LOCAL_CONFDIR=\(state)", "RULESDIR=\(share)/rules", "SHAREDIR=\(share)",
                "PLUGINSDIR=\(share)/plugins", "LUALIBDIR=\(share)/lualib", "DBDIR=\(state)", "RUNDIR=\(state)",
                "LOGDIR=\(state)", "WWWDIR=\(state)",
            ]
            return ["\(root)/usr/bin/rspamd", "-f", "-i", "-u", "nobody", "-g", "nogroup", "-c", configuration]
                + variables.flatMap { ["--var", $0] }
        }
    }

    fileprivate static let root = "\(FileManager.default.currentDirectoryPath)/.build/peers"

    /// The library paths of the unpacked packages.
    fileprivate static let environment = [
        "LD_LIBRARY_PATH": ["usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib", "usr/lib/rspamd"]
            .map { "\(root)/\($0)" }.joined(separator: ":"),
        "PYTHONPATH": "\(root)/usr/lib/python3/dist-packages",
    ]
}

/// Another filter, running.
final class Peer: MilterServer, Sendable {
    let name: String
    let socket: String
    /// The stage at which it accepts unmarked mail.
    let end: MilterDialogue.Stage
    private let directory: TemporaryDirectory
    private let process: ChildProcess
    var pid: Int32 { process.pid }

    /// `command` writes the filter's configuration, and returns its command line.
    init(
        _ name: String, endingAt end: MilterDialogue.Stage = .endOfMessage,
        _ command: (_ directory: TemporaryDirectory, _ socket: String) throws -> [String]
    ) throws {
        self.name = name
        self.end = end
        directory = try TemporaryDirectory("peer")
        socket = directory.file("socket")
        guard FileManager.default.fileExists(atPath: Peers.root) else {
            throw HarnessError("\(Peers.root) is missing; run Benchmarks/run, or Benchmarks/install, in the repository")
        }
        process = try ChildProcess(
            command(directory, socket), environment: Peers.environment, output: directory.file("log"))
        do {
            try awaitMilter(at: socket, process)
        } catch {
            let log = String(decoding: try contents(of: directory.file("log")), as: UTF8.self)
            throw HarnessError("\(name): \(error): \(log.suffix(500))")
        }
    }

    deinit { _ = try? process.stop() }
}
