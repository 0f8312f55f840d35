public import Core

extension Observation {
    /// Something that stands in the way of storing the company's mail, and what to do about it.
    public struct Obstacle: Hashable, Sendable {
        public enum Kind: String, CaseIterable, Sendable {
            case notLimited = "not_limited"
            case noSealingKey = "no_sealing_key"
            case noHost = "no_host"
            case hostSilent = "host_silent"
            case hostBehind = "host_behind"
            case noMessages = "no_messages"
            case noInbound = "no_inbound"
            case noOutbound = "no_outbound"
            case badSignature = "bad_signature"
            case unknownKey = "unknown_key"
            case notParticipant = "not_participant"
            case spoolFailed = "spool_failed"
            case forwardFailed = "forward_failed"
            case ingestRejected = "ingest_rejected"
            case tooLarge = "too_large"
            case unknownThread = "unknown_thread"
        }

        public let kind: Kind
        public let problem: String
        public let advice: String
    }

    /// Seconds after which a host that said nothing is asked about. Daemons speak up every minute unless told otherwise.
    static let silence: Int64 = 3600

    /// In the order in which to look at them.
    public var obstacles: [Obstacle] { settings + hostObstacles + traffic + failures }

    /// What is said where there is none.
    public var verdict: String {
        company.capture.stores
            ? "The company is live, and there is nothing to look at."
            : "Nothing stands in the way: leverctl company set \(name) --capture store"
    }

    public func messages(_ outcomes: Outcome..., direction: Direction? = nil) -> Int {
        messages(outcomes, direction: direction)
    }

    private func messages(_ outcomes: [Outcome], direction: Direction? = nil) -> Int {
        period.counts.filter { outcomes.contains($0.outcome) && (direction == nil || $0.direction == direction) }
            .reduce(0) { $0 + $1.messages }
    }

    /// The company as a command takes it.
    private var name: String { company.name.quotedForShell }

    private var settings: [Obstacle] {
        var found: [Obstacle] = []
        if company.sync != .limited {
            found.append(
                Obstacle(
                    kind: .notLimited,
                    problem: "the company's sync is \(company.sync.rawValue): its mail is not looked at",
                    advice: "leverctl company set \(name) --sync limited"))
        }
        if sealingKeys == 0 {
            found.append(
                Obstacle(
                    kind: .noSealingKey, problem: "there is no key to seal to: marked mail would be put off (451)",
                    advice: "leverctl key generate --company \(name) --private-key FILE"))
        }
        return found
    }

    private var hostObstacles: [Obstacle] {
        let expected = hosts.filter { !$0.isGivenUp && ($0.seenAt != nil || $0.keys.contains { $0.revokedAt == nil }) }
        guard !expected.isEmpty else {
            return [
                Obstacle(
                    kind: .noHost, problem: "no mail host has been heard of",
                    advice: "start lever-milter on each; does it reach the database? Its log says so")
            ]
        }
        return expected.compactMap { host in
            let quoted = host.host.quotedForShell
            guard let seenAt = host.seenAt, period.until.milliseconds - seenAt.milliseconds < Self.silence * 1000 else {
                return Obstacle(
                    kind: .hostSilent,
                    problem: "\(host.host) was \(host.seenAt.map { "last heard of at \($0)" } ?? "never heard of")",
                    advice:
                        "is lever-milter running there, and does it reach the database? If the host is gone for good: "
                        + "leverctl host revoke \(quoted)")
            }
            guard !host.isCurrent else { return nil }
            return Obstacle(
                kind: .hostBehind, problem: "\(host.host) does not work with the newest routing yet",
                advice: "look again in a minute; if it stays so, its log says why: leverctl host list")
        }
    }

    private var traffic: [Obstacle] {
        let missing: (Obstacle.Kind, String, String)? =
            switch (messages(Outcome.matches, direction: .inbound), messages(Outcome.matches, direction: .outbound)) {
            case (0, 0) where messages(Outcome.matches) == 0:
                (
                    .noMessages, "no message of a thread was seen",
                    "was a thread started in this period? Is lever-milter in the milters of every Postfix that the company's "
                        + "mail passes?"
                )
            case (0, _):
                (
                    .noInbound, "no message of a thread came in",
                    "is lever-milter in smtpd_milters of every Postfix that takes the company's mail from outside, and the "
                        + "domain candidates write to in leverctl company list?"
                )
            case (_, 0):
                (
                    .noOutbound, "no message of a thread went out",
                    "is lever-milter in smtpd_milters and non_smtpd_milters of every Postfix that sends the company's mail, and "
                        + "the domain it is sent from in leverctl company list?"
                )
            default: nil
            }
        return missing.map { [Obstacle(kind: $0.0, problem: $0.1, advice: $0.2)] } ?? []
    }

    private var failures: [Obstacle] {
        let matches = messages(Outcome.matches)
        func obstacle(
            _ kind: Obstacle.Kind, _ count: Int, ifMany: Bool = false, _ problem: String, _ advice: String
        ) -> Obstacle? {
            guard ifMany ? count >= 10 && count * 10 > matches : count > 0 else { return nil }
            return Obstacle(
                kind: kind, problem: "\(count) message\(count == 1 ? "" : "s") \(problem)", advice: advice)
        }
        return [
            obstacle(
                .badSignature, messages(.badSignature), ifMany: true, "had a marker with a wrong signature",
                "from one source: somebody forges. From many: something on the way changes In-Reply-To and References"),
            obstacle(
                .unknownKey, messages(.unknownKey), ifMany: true, "had a marker of a key that is not in use",
                "was a marker key retired too early? leverctl key list --company \(name)"),
            obstacle(
                .notParticipant, messages(.notParticipant),
                "had a marker of the company, and neither sender nor recipient at its domains",
                "is a domain missing? leverctl company set \(name) --add-domain DOMAIN"),
            obstacle(
                .spoolFailed, messages(.spoolFailed), "were put off (451)",
                "the host's log has the reason: outcome=spool_failed"),
            obstacle(
                .forwardFailed, messages(.forwardFailed), "were put off (451), since they could not be forwarded",
                "the host's log has the reason: outcome=forward_failed"),
            obstacle(
                .ingestRejected, messages(.ingestRejected), "were refused by the database",
                "on the host: leverctl queue list says why"),
            obstacle(
                .tooLarge, messages(.tooLarge), "were too large, and would not be stored",
                "raise message_size_limit on the hosts, or leave it"),
            obstacle(
                .unknownThread, unknownThreads.messages,
                "name a thread that the database does not know, and would go to quarantine",
                "was the database restored from an old backup? Restore the threads"),
        ].compactMap(\.self)
    }
}

extension String {
    /// As one word of a shell's command line.
    var quotedForShell: String {
        let plain =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.".utf8.contains(byte)
                }
            }
        if plain { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
