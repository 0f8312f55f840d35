import Foundation
import Synchronization
import TestSupport

/// A company with two mail hosts, through which all message cases went once: one host trusts no Authentication-Results,
/// the other trusts `mx.` before the company's domain.
final class CaseSite: Sendable {
    /// What became of a message when it was fed.
    enum Fed: Sendable {
        case queued(String)
        /// The Message-ID of the message that was replayed.
        case replayed(id: String)
    }

    private struct Candidate { let id: Int64, marker: String }

    private static let instance = Mutex<Task<CaseSite, any Error>?>(nil)

    let company: OwnCompany
    private let (plain, checked): (OwnDaemon, OwnDaemon)
    private let (plainPostfix, checkedPostfix): (PostfixInstance, PostfixInstance)
    private let candidates = Mutex<[String: Candidate]>([:])
    private let fed = Mutex<[String: Fed]>([:])
    private let timelines = Mutex<[String: [UInt8]]>([:])

    static func shared() async throws -> CaseSite {
        try await instance.withLock { task in
            let made = task ?? Task { try await CaseSite() }
            task = made
            return made
        }.value
    }

    private init() async throws {
        company = try await OwnCompany()
        try company.ctl.check("never-log", "add", "council@\(company.domain)", "--company", company.name)
        let names = ["plain", "checked"].map { [company] in "\($0)-\(company.word)" }
        plain = try OwnDaemon("host_name: \(names[0])")
        checked = try OwnDaemon("host_name: \(names[1])\nauthserv_ids: [mx.\(company.domain)]")
        plainPostfix = try Self.postfix(before: plain)
        checkedPostfix = try Self.postfix(before: checked)
        let cases = try MessageCase.all.get()
        for address in Set(cases.map(\.candidate)) { try addCandidate(address) }
        try await company.changesAreKnown()
        for one in cases where one.feed == .smtp { try await send(one) }
        try await settle()
        for one in cases where one.feed == .replay { try replay(one) }
        // Rotations and tests of routing do not wait for them.
        for daemon in [plain, checked] { try daemon.current.terminate() }
        for postfix in [plainPostfix, checkedPostfix] { try postfix.stop() }
        for name in names { try company.host.query("DELETE FROM lever.mail_host WHERE host = '\(name)'") }
    }

    private static func postfix(before daemon: OwnDaemon) throws -> PostfixInstance {
        try PostfixInstance(
            settings: """
                smtpd_milters = inet:127.0.0.1:\(daemon.port)
                non_smtpd_milters = inet:127.0.0.1:\(daemon.port)
                enable_threaded_bounces = yes
                internal_mail_filter_classes = bounce
                smtpd_reject_unlisted_recipient = no
                transport_maps = inline:{{gone@home.example = error:5.1.1 no such user}}
                """, services: [.smtp])
    }

    private func addCandidate(_ address: String) throws {
        let id = try company.addCandidate(address, name: "Jörg Müller")
        let thread = try company.startThread(candidate: id)
        candidates.withLock { $0[address] = Candidate(id: id, marker: thread.messageId) }
    }

    private func candidate(_ address: String) -> Candidate { candidates.withLock { $0[address]! } }

    // MARK: Feeding

    private func bytes(_ one: MessageCase) throws -> [UInt8] {
        try one.message(marker: candidate(one.candidate).marker, domain: company.domain)
    }

    private func local(_ address: String) -> String {
        address.replacing(MessageCase.domain, with: company.domain)
            .replacing(MessageCase.domain.uppercased(), with: company.domain.uppercased())
    }

    private func send(_ one: MessageCase) async throws {
        if one.isAfterAllBefore { try await settle() }
        let postfix = one.isChecked ? checkedPostfix : plainPostfix
        let client = try SMTPClient(port: postfix.port())
        var id = try client.send(
            bytes(one), from: local(one.sender), to: [local(one.recipient)], parameters: one.parameters)
        try client.quit()
        if one.bounces {
            let sent = id
            id = try await waitFor("the bounce of \(one.id)") {
                try postfix.mailLog().firstMatch(of: Regex("\(sent): sender non-delivery notification: (\\w+)"))?
                    .output[1].substring.map(String.init)
            }
        }
        fed.withLock { $0[one.id] = .queued(id) }
    }

    private func replay(_ one: MessageCase) throws {
        let raw = try bytes(one)
        let path = try company.directory.write("\(one.id).eml", raw)
        let name = "cases-\(company.word)"
        let key = company.directory.file("\(name).key")
        if !FileManager.default.fileExists(atPath: key) {
            try company.ctl.check("host", "add", name, "--signing-key", key)
        }
        let configuration = try company.directory.write(
            "\(name).yaml", "database: \(company.host.ingestDatabase)\nhost_name: \(name)\nsigning_key: \(key)\n")
        _ = try LeverCtl(configuration: configuration).run("replay", path, "--company", company.domain)
        let field = String(decoding: raw, as: UTF8.self).firstMatch(of: /Message-ID: *(\S+)/)
        fed.withLock { $0[one.id] = .replayed(id: field.map { String($0.1) } ?? "") }
    }

    /// Waits until what the filters have spooled is in the database.
    private func settle() async throws {
        try await waitUntil("the spools to empty") {
            try [plain, checked].allSatisfy { daemon in
                let lines = try daemon.log()
                func ids(_ word: String) -> Set<Substring> {
                    Set(lines.filter { $0.contains(word) }.compactMap { $0.split(separator: ":").first })
                }
                return ids(": spooled ").isSubset(of: ids(" outcome="))
            }
        }
    }

    // MARK: What there is to see

    /// The last outcome that the mail host logged; nil if none.
    func story(of one: MessageCase) throws -> MailHost.Story? {
        guard case .queued(let id) = fed.withLock({ $0[one.id] }) else { return nil }
        return try (one.isChecked ? checked : plain).stories(of: id).last
    }

    /// The candidate's timeline as JSON; read once.
    func timeline(of one: MessageCase) throws -> [UInt8] {
        if let known = timelines.withLock({ $0[one.candidate] }) { return known }
        let command = try company.ctl.run(
            [
                "timeline", "--company", company.name, "--candidate", "\(candidate(one.candidate).id)", "--private-key",
                company.privateKey, "--json",
            ], timeout: 120)
        guard command.status == 0 else { throw HarnessError("timeline: \(command.errors)") }
        timelines.withLock { $0[one.candidate] = command.output }
        return command.output
    }

    /// The entry of the message, as the timeline's JSON has it; nil if it is not there.
    func entry(of one: MessageCase) throws -> CaseEntry? {
        let messages = try CaseEntry.all(in: timeline(of: one))
        if case .replayed(let id) = fed.withLock({ $0[one.id] }) { return messages.last { $0.text("message_id") == id } }
        guard let story = try story(of: one), ["captured", "duplicate"].contains(story.outcome) else { return nil }
        return messages.first { $0.text("entry") == story.entry }
    }

    /// What `leverctl trace` prints of it.
    func trace(of one: MessageCase) throws -> String {
        guard case .queued(let id) = fed.withLock({ $0[one.id] }) else { return "" }
        let log = try company.directory.write(
            "\(one.id).log", try (one.isChecked ? checked : plain).log().joined(separator: "\n") + "\n")
        return try LeverCtl(configuration: company.directory.file("leverctl.yaml")).run("trace", id, "--log", log).text
    }
}
