import Synchronization
import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct Rotation {
        @Test
        func `rotation under live mail on two hosts replaces every key, and every message opens at each step`()
            async throws
        {
            let company = try await OwnCompany()
            let hosts = try ["mx-a", "mx-b"].map { try signingHost("\($0).\(company.domain)", company) }
            let thread = try company.startThread(candidate: company.addCandidate("anna@home.example"))
            let mail = LiveMail(company, thread, hosts)
            let (old, new) = (company.privateKey, company.directory.file("second.pem"))
            try await mail.flows()

            // The sealing key.
            try expectState(try await rotate(company, "--private-key", new), "next")
            try await mail.flows()
            try mail.expectAllOpen([old])
            try expectState(try await rotate(company), "distributed")
            try await mail.flows()
            try mail.expectAllOpen([old])
            try expectState(try await rotate(company), "primary")
            try await mail.flows()
            try mail.expectAllOpen([old, new])

            let rewrap = try company.ctl.run("key", "rewrap", "--company", company.name, "--private-key", old)
            #expect(rewrap.status == 0)
            #expect(rewrap.errors.isEmpty, "the progress bar is for terminals")
            #expect(!rewrap.text.hasPrefix("0 messages"))
            try mail.expectAllOpen([new])
            let first = try sealingKeys(company)[0].keyId
            try await end("retire", first, company)
            try mail.expectAllOpen([new])
            try await end("destroy", first, company, "--confirm", company.name)
            try await mail.flows()
            try mail.expectAllOpen([new])
            let keys = try sealingKeys(company)
            #expect(keys.map(\.state) == ["destroyed", "primary"])
            #expect(keys[0].messages == 0 && keys[0].profiles == 0)
            #expect(keys[1].messages ?? 0 > 0 && keys[1].profiles == 2, "the candidate's and the super admin's")

            // The marker key.
            try expectState(try await rotate(company, "--kind", "marker"), "next")
            try expectState(try await rotate(company, "--kind", "marker"), "distributed")
            try expectState(try await rotate(company, "--kind", "marker"), "primary")
            try await mail.flows()
            try mail.expectAllOpen([new])
            mail.thread = try company.startThread(candidate: thread.candidate)
            try await mail.flows()
            try await end("retire", "1", company, "--kind", "marker")
            try await waitUntil("a reply with the old marker to be refused") {
                try await mail.send(answering: thread) == "unknown_key"
            }
            try await mail.flows()
            try mail.expectAllOpen([new])

            // The index key.
            let twice = Letter("Twice").answering(mail.thread.messageId)
            #expect(try await mail.send(twice) == "captured")
            try expectState(try await rotate(company, "--kind", "index", "--open-with", new), "next")
            #expect(try await mail.send(twice) == "duplicate")
            try expectState(try await rotate(company, "--kind", "index", "--open-with", new), "distributed")
            try expectState(try await rotate(company, "--kind", "index", "--open-with", new), "primary")
            try await mail.flows()
            #expect(try await mail.send(twice) == "duplicate")
            try await end("retire", "1", company, "--kind", "index")
            let found: [LeverCtlJSON.Candidate] = try company.ctl.json(
                "candidate", "list", "--company", company.name, "--email", "ANNA@home.example")
            #expect(found.map(\.id) == [thread.candidate])

            try await mail.stop()
            #expect(try mail.expectAllOpen([new]) == mail.sent.count)
            #expect(
                try company.timeline(thread.candidate, keys: [new]).messages.allSatisfy { $0.origin == "verified" })
            #expect(
                try company.host.query(
                    "SELECT count(DISTINCT host) FROM lever.message WHERE company_id = \(company.id)")
                    == "2")
        }

        @Test
        func
            `a new key is not used while a mail host lags; it is named, and its return or revocation unblocks it`()
            async throws
        {
            let company = try await OwnCompany()
            let host = try signingHost("mx-slow.\(company.domain)", company)
            let new = company.directory.file("second.pem")
            try await host.isKnown()
            #expect(try host.daemon.terminate() == 0)
            try expectState(try await rotate(company, "--private-key", new), "next")
            // The other hosts have the key now, or soon; this one will not.
            try await expectLag(host, company)

            try host.start()
            try await company.changesAreKnown()
            try host.daemon.kill()
            try expectState(try await rotate(company), "distributed")
            try await expectLag(host, company)
            try company.ctl.check("host", "revoke", host.name)
            try expectState(try await rotate(company), "primary")
        }

        private func expectLag(_ host: OwnMailHost, _ company: OwnCompany) async throws {
            let before = try sealingKeys(company).map(\.state)
            try await waitUntil("the lag of one host alone") {
                let refused = try company.ctl.run("key", "rotate", "--company", company.name)
                #expect(refused.status == 1 && refused.output.isEmpty)
                return refused.errors.contains("do not have the newest keys yet: \(host.name);")
            }
            #expect(try sealingKeys(company).map(\.state) == before)
        }
    }
}

/// Continuous mail: two hosts in turn, one message after the other.
private final class LiveMail: Sendable {
    private let company: OwnCompany
    private let hosts: [OwnMailHost]
    private let state: Mutex<State>
    private let feeding = Mutex<Task<Void, any Error>?>(nil)
    private let stopping = Atomic(false)

    private struct State {
        var thread: OwnCompany.Thread
        /// Subjects of what was captured.
        var sent: [String] = []
        var turn = 0
    }

    init(_ company: OwnCompany, _ thread: OwnCompany.Thread, _ hosts: [OwnMailHost]) {
        self.company = company
        self.hosts = hosts
        state = Mutex(State(thread: thread))
        let task = Task.detached { [self] in
            while !stopping.load(ordering: .relaxed) {
                _ = try await send(answering: self.thread)
                // Slow enough that timelines stay short, since they are read again and again.
                try await Task.sleep(for: .milliseconds(60))
            }
        }
        feeding.withLock { $0 = task }
    }

    /// The thread that the mail answers from now on.
    var thread: OwnCompany.Thread {
        get { state.withLock { $0.thread } }
        set { state.withLock { $0.thread = newValue } }
    }
    var sent: [String] { state.withLock { $0.sent } }

    func send(answering thread: OwnCompany.Thread) async throws -> String? {
        try await send(Letter("Live \(Letter.unique())").answering(thread.messageId))
    }

    /// Sends through the next host in turn, and returns the outcome.
    func send(_ letter: Letter) async throws -> String? {
        let host = state.withLock { state in
            state.turn += 1
            return hosts[state.turn % hosts.count]
        }
        let outcome = try await host.story(of: host.send(letter, to: company.address)).outcome
        if outcome == "captured" { state.withLock { $0.sent.append(letter.fields[2].value) } }
        return outcome
    }

    /// Waits until each host has accepted mail.
    func flows() async throws {
        let count = sent.count
        try await waitUntil("mail to flow") { sent.count >= count + 2 * hosts.count }
    }

    func stop() async throws {
        stopping.store(true, ordering: .relaxed)
        try await feeding.withLock { $0! }.value
    }

    /// Expects every sent message on the timeline, open, once. Returns their number.
    @discardableResult
    func expectAllOpen(_ keys: [String], sourceLocation: SourceLocation = #_sourceLocation) throws -> Int {
        let before = sent
        let messages = try company.timeline(thread.candidate, keys: keys).messages
        let subjects = messages.compactMap(\.subject)
        #expect(messages.compactMap(\.error) == [], sourceLocation: sourceLocation)
        #expect(Set(subjects).isSuperset(of: before), "none is lost", sourceLocation: sourceLocation)
        #expect(Set(subjects).count == messages.count, "none is there twice", sourceLocation: sourceLocation)
        return messages.count
    }
}
