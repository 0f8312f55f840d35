import Foundation
import TestSupport

/// A company, and leverctl on a mail host with its own name.
struct ReplaySite {
    let company: OwnCompany
    let thread: OwnCompany.Thread
    let directory: TemporaryDirectory
    let ctl: LeverCtl
    let name = "replay-\(Letter.unique())"

    var host: MailHost { company.host }

    init(_ settings: String = "", database: String? = nil) async throws {
        company = try await OwnCompany()
        thread = try company.startThread()
        directory = try TemporaryDirectory("replay")
        let key = directory.file("host.key")
        try company.ctl.check("host", "add", name, "--signing-key", key)
        let configuration = try directory.write(
            "lever-milter.yaml",
            """
            database: \(database ?? company.host.ingestDatabase)
            host_name: \(name)
            signing_key: \(key)
            \(settings)

            """)
        ctl = LeverCtl(configuration: configuration)
    }

    /// What the host stored, by entry.
    func stored() throws -> [String] {
        try host.query("SELECT entry_id FROM lever.message WHERE host = '\(name)' ORDER BY entry_id")
            .split(separator: "\n").map(String.init)
    }

    func run(_ arguments: String...) throws -> (
        status: Int32, summary: LeverCtlJSON.ReplaySummary, errors: String
    ) {
        let command = try ctl.run(
            ["replay"] + arguments + ["--company", company.domain, "--json"], timeout: 120)
        guard let summary: LeverCtlJSON.ReplaySummary = try? LeverCtl.decode(command.output) else {
            throw HarnessError("replay: \(command.status): \(command.errors)")
        }
        return (command.status, summary, command.errors)
    }

    func export(_ entry: String) throws -> [UInt8] {
        try company.ctl.check(
            "message", "export", entry, "--company", company.name, "--private-key", company.privateKey, "--out",
            "-")
    }

    /// A maildir with what Postfix delivered to the company, file for file.
    func maildir(_ name: String, count: Int) async throws -> String {
        let path = try directory.makeDirectory(name)
        for folder in ["cur", "new", "tmp"] { try directory.makeDirectory("\(name)/\(folder)") }
        let (source, address) = (host.postfix.maildir.path + "/new", Data(company.address.utf8))
        try await waitUntil("\(count) deliveries to \(company.address)") {
            for file in try FileManager.default.contentsOfDirectory(atPath: source) {
                guard let content = FileManager.default.contents(atPath: "\(source)/\(file)"),
                    content.prefix(4096).range(of: address) != nil
                else { continue }
                try content.write(to: URL(fileURLWithPath: "\(path)/new/\(file)"))
            }
            return try FileManager.default.contentsOfDirectory(atPath: "\(path)/new").count >= count
        }
        return path
    }

    func send(
        _ message: [UInt8], by service: PostfixInstance.Service = .smtp, from: String = "anna@home.example"
    ) throws -> String {
        let client = try SMTPClient(port: host.postfix.port(service))
        defer { try? client.quit() }
        return try client.send(
            message, from: from, to: [company.address],
            parameters: message.contains { $0 > 127 } ? "BODY=8BITMIME" : "")
    }

    /// The message of a fixture as it goes over the wire, on the thread of this company.
    func fixture(_ name: String) throws -> [UInt8] {
        try contents(of: "\(Bundle.module.resourcePath!)/Fixtures/\(name)")
            .replacing("<MARKER-ID>", with: thread.messageId).withCRLF
    }

    func letter(_ subject: String, body: String = "Dear all,\r\n\r\nthis is a test.\r\n") -> Letter {
        Letter(subject, body: body).answering(thread.messageId)
    }

    /// Marked messages in one file.
    func mbox(of count: Int) -> [UInt8] {
        (0..<count).flatMap { number in
            Array("From anna@home.example  Mon Nov 23 09:12:44 2026\n".utf8)
                + letter("Number \(number)").with("Cc", company.address).bytes.filter { $0 != 13 } + [10]
        }
    }
}
