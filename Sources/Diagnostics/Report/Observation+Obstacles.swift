import Core
public import Store

/// Judges from a company's delivery log whether its mail can be stored.
extension Observation {
    /// Seconds without an acknowledgement after which a host counts as silent. By default daemons acknowledge every
    /// minute.
    static let silence: Int64 = 3600

    /// In the order in which to fix them.
    public var obstacles: [Obstacle] { settings + hostObstacles + traffic + failures }

    /// The verdict if there are no obstacles.
    public var verdict: String {
        company.capture.stores
            ? "The company is live and has no problems."
            : "Nothing stands in the way of going live: leverctl company set \(name) --capture store"
    }

    private func messages(_ outcome: Outcome) -> Int { messages([outcome]) }

    private func messages(_ outcomes: [Outcome], direction: Direction? = nil) -> Int {
        period.counts.filter { outcomes.contains($0.outcome) && (direction == nil || $0.direction == direction) }
            .reduce(0) { $0 + $1.messages }
    }

    /// The company's name, quoted for a command.
    private var name: String { company.name.quotedForShell }

    private var settings: [Obstacle] {
        var found: [Obstacle] = []
        if company.sync != .limited {
            found.append(
                Obstacle(
                    kind: .notLimited,
                    problem: "the company's sync is \(company.sync.rawValue): its mail is not inspected",
                    advice: "leverctl company set \(name) --sync limited"))
        }
        if sealingKeys == 0 {
            found.append(
                Obstacle(
                    kind: .noSealingKey,
                    problem: "the company has no sealing key: mail with a marker would be deferred (451)",
                    advice: "leverctl key generate --company \(name) --private-key FILE"))
        }
        return found
    }

    private var hostObstacles: [Obstacle] {
        let expected = hosts.filter { !$0.isGivenUp && ($0.seenAt != nil || $0.keys.contains { $0.revokedAt == nil }) }
        guard !expected.isEmpty else {
            return [
                Obstacle(
                    kind: .noHost, problem: "no mail host has been heard from",
                    advice: "start lever-milter on each mail host, and check in its log that it reaches the database")
            ]
        }
        return expected.compactMap { host in
            let quoted = host.host.quotedForShell
            guard let seenAt = host.seenAt, period.until.milliseconds - seenAt.milliseconds < Self.silence * 1000 else {
                return Obstacle(
                    kind: .hostSilent,
                    problem: "\(host.host) was \(host.seenAt.map { "last heard from at \($0)" } ?? "never heard from")",
                    advice:
                        "check that lever-milter runs there and reaches the database; if the host is decommissioned: "
                        + "leverctl host revoke \(quoted)")
            }
            guard !host.isCurrent else { return nil }
            return Obstacle(
                kind: .hostBehind, problem: "\(host.host) does not work with the newest routing yet",
                advice: "check again in a minute (leverctl host list); if it persists, the host's log has the reason")
        }
    }

    private var traffic: [Obstacle] {
        let missing: (Obstacle.Kind, String, String)? =
            switch (messages(Outcome.matches, direction: .inbound), messages(Outcome.matches, direction: .outbound)) {
            case (0, 0) where messages(Outcome.matches) == 0:
                (
                    .noMessages, "no message of a thread was seen",
                    "check that a thread was started in this period, and that lever-milter is a milter of every "
                        + "Postfix that "
                        + "the company's mail passes"
                )
            case (0, _):
                (
                    .noInbound, "no message of a thread came in",
                    "check that lever-milter is in smtpd_milters of every Postfix that receives the company's mail "
                        + "from "
                        + "outside, and that leverctl company list has the domain candidates write to"
                )
            case (_, 0):
                (
                    .noOutbound, "no message of a thread went out",
                    "check that lever-milter is in smtpd_milters and non_smtpd_milters of every Postfix that sends the "
                        + "company's mail, and that leverctl company list has the domain it is sent from"
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
                "from one source: somebody forges markers; from many: a server on the way changes In-Reply-To and "
                    + "References"),
            obstacle(
                .unknownKey, messages(.unknownKey), ifMany: true, "had a marker of a key that is not in use",
                "check whether a marker key was retired too early: leverctl key list --company \(name)"),
            obstacle(
                .notParticipant, messages(.notParticipant),
                "had a marker of the company, but neither sender nor recipient in its domains",
                "check whether a domain is missing: leverctl company set \(name) --add-domain DOMAIN"),
            obstacle(
                .spoolFailed, messages(.spoolFailed), "were deferred (451) because they could not be spooled",
                "see the host's log for the reason: outcome=spool_failed"),
            obstacle(
                .forwardFailed, messages(.forwardFailed), "were deferred (451) because they could not be forwarded",
                "see the host's log for the reason: outcome=forward_failed"),
            obstacle(
                .ingestRejected, messages(.ingestRejected), "were rejected by the database",
                "see the reason on the host: leverctl queue list"),
            obstacle(
                .tooLarge, messages(.tooLarge), "were too large to be stored",
                "raise message_size_limit on the hosts, or accept it"),
            obstacle(
                .unknownThread, unknownThreads.messages,
                "name a thread that is not in the database, and would be quarantined",
                "if the database was restored from an old backup, restore the threads"),
        ].compactMap(\.self)
    }
}
