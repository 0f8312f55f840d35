import Core
import Glibc
import Sealing
import SettingsFile
import Store
import System

/// Whether every company on limited sync has the keys that capturing needs, and this host has a registered signing key.
struct KeysCheck {
    let settings: Settings
    let isMailHost: Bool
    let probes: [DatabaseProbe]

    /// Days that a rotation may take.
    private static let rotationLimit = 7

    func findings() -> [Finding] { companies + [signing, rotation] }

    // MARK: Companies

    private struct CompanyState {
        let name: String
        /// Public keys, as SubjectPublicKeyInfo.
        let sealing: [[UInt8]]
        let hasMarkerKey: Bool
        let hasIndexKey: Bool
    }

    /// Companies on limited sync, as an administrator sees them, or else as a mail host does, which knows no names.
    private var states: [CompanyState]? {
        if let companies = probes.lazy.compactMap({ $0.facts?.companies }).first {
            return companies.filter { $0.company.sync == .limited }.map { keys in
                func has(_ kind: KeyKind) -> Bool { keys.secrets.contains { $0.kind == kind && $0.state == .primary } }
                return CompanyState(
                    name: keys.company.name, sealing: keys.sealing.filter(\.isActive).map(\.publicKey),
                    hasMarkerKey: has(.marker), hasIndexKey: has(.index))
            }
        }
        guard let rows = probes.lazy.compactMap({ $0.facts?.routing }).first else { return nil }
        return rows.filter { $0.item == .company && $0.name == SyncLevel.limited.rawValue }.map { company in
            let own = rows.filter { $0.company == company.company }
            return CompanyState(
                name: "company \(company.company)", sealing: own.filter { $0.item == .sealingKey }.map(\.value),
                hasMarkerKey: own.contains { $0.item == .markerKey }, hasIndexKey: own.contains { $0.item == .indexKey }
            )
        }.sorted { $0.name < $1.name }
    }

    private var companies: [Finding] {
        guard let states else {
            let reason = "none of the configured logins can see the companies' keys; see the section database"
            return [CheckID.keysSealing, .keysMarker, .keysIndex].map { .notChecked($0, reason) }
        }
        return each(.keysSealing, states, sealing) + each(.keysMarker, states, marker) + each(.keysIndex, states, index)
    }

    /// A finding for each company that lacks something, or one that says that none does.
    private func each(
        _ id: CheckID, _ states: [CompanyState], _ look: (CompanyState) -> Finding?
    ) -> [Finding] {
        let findings = states.compactMap(look)
        let count = states.count
        return findings.isEmpty
            ? [.ok(id, count == 1 ? "1 company on limited sync has it" : "\(count) companies on limited sync have it")]
            : findings
    }

    private func sealing(_ state: CompanyState) -> Finding? {
        let advice = "leverctl key generate --company NAME --private-key FILE, on the administrator's machine"
        guard !state.sealing.isEmpty else {
            return .critical(
                .keysSealing, "\(state.name) is on limited sync and has no sealing key: its marked mail is deferred",
                do: advice)
        }
        let isSound = state.sealing.allSatisfy { (try? SealingKey(subjectPublicKeyInfo: $0)) != nil }
        return isSound
            ? nil
            : .critical(
                .keysSealing, "\(state.name) has a sealing key that is not a P-256 key: its marked mail is deferred",
                do: "retire it (leverctl key list, key retire); then \(advice)")
    }

    private func marker(_ state: CompanyState) -> Finding? {
        state.hasMarkerKey
            ? nil
            : .critical(
                .keysMarker,
                "\(state.name) is on limited sync and has no marker key: none of its threads is recognised",
                do: "restore the database: leverctl company add made one, and commands never remove the last")
    }

    private func index(_ state: CompanyState) -> Finding? {
        state.hasIndexKey
            ? nil
            : .critical(
                .keysIndex, "\(state.name) is on limited sync and has no index key: its marked mail is deferred",
                do: "restore the database: leverctl company add made one, and commands never remove the last")
    }

    // MARK: Hosts

    private var hostName: String {
        settings.hostName ?? systemHostName()
    }

    private var signing: Finding {
        guard let keys = probes.lazy.compactMap({ $0.facts?.hostKeys }).first else {
            guard isMailHost, settings.signingKey == nil else {
                return .notChecked(
                    .keysSigning,
                    "a mail host's login cannot see which keys are registered; an auditor's can (auditor_database), "
                        + "and, "
                        + "on another machine, an administrator's")
            }
            return .ok(.keysSigning, "none: messages of this host are shown as unsigned")
        }
        return isMailHost ? own(keys) : others
    }

    private func own(_ keys: [(host: String, key: MailHostRecord.Key)]) -> Finding {
        guard let path = settings.signingKey else {
            return .ok(.keysSigning, "none: messages of this host are shown as unsigned")
        }
        guard case .success(let key) = HostSigningKey.read(path) else {
            return .notChecked(.keysSigning, "\(path) cannot be read; see configuration.signing_key")
        }
        let renew =
            "make another on the administrator's machine: leverctl host add \(hostName) --signing-key FILE, copy it "
            + "here "
            + "as \(path), and reload lever-milter"
        guard let (host, record) = keys.first(where: { $0.key.keyID == key.keyID }) else {
            return .critical(
                .keysSigning, "key \(key.keyID.hex) is not registered: messages of this host are shown as wrong",
                do:
                    "on the administrator's machine: leverctl host add \(hostName) --public-key FILE (from openssl "
                    + "pkey "
                    + "-in \(path) -pubout)")
        }
        if let revoked = record.revokedAt {
            return .critical(
                .keysSigning,
                "key \(key.keyID.hex) was revoked at \(revoked): messages of this host are shown as "
                    + "wrong",
                do: renew)
        }
        guard host == hostName else {
            return .critical(
                .keysSigning,
                "key \(key.keyID.hex) is \(host)'s, but this host is \(hostName): its messages are shown as wrong",
                do: "set 'host_name: \(host)' in \(settings.path), or \(renew)")
        }
        return .ok(.keysSigning, "\(key.keyID.hex), of \(host)")
    }

    /// Hosts that still store messages after their keys were revoked.
    private var others: Finding {
        let hosts = probes.lazy.compactMap { $0.facts?.hosts }.first ?? []
        for host in hosts where !host.keys.isEmpty {
            guard let seen = host.seenAt, host.keys.allSatisfy({ $0.revokedAt != nil }),
                let revoked = host.keys.compactMap(\.revokedAt).max(),
                seen.milliseconds - revoked.milliseconds > 120_000
            else { continue }
            return .warning(
                .keysSigning,
                "\(host.host) still works after its signing key was revoked: its messages are shown as "
                    + "wrong",
                do: "leverctl host add \(host.host) --signing-key FILE, and copy the file there; or remove its "
                    + "database "
                    + "login")
        }
        return .ok(.keysSigning, "no mail host uses a revoked key")
    }

    // MARK: Rotation

    private var rotation: Finding {
        guard let companies = probes.lazy.compactMap({ $0.facts?.companies }).first else {
            return .notChecked(
                .keysRotation,
                "only an administrator's login can see it (admin_database, not on a "
                    + "mail host)")
        }
        let now = Timestamp.now().milliseconds
        for company in companies {
            let pending =
                company.sealing.map { (KeyKind.sealing, $0.state, $0.createdAt) }
                + company.secrets.map { ($0.kind, $0.state, $0.createdAt) }
            for (kind, state, created) in pending where state == .next || state == .distributed {
                let age = Int((now - created.milliseconds) / 1000)
                guard age > Self.rotationLimit * 86_400 else { continue }
                return .warning(
                    .keysRotation,
                    "the rotation of \(company.company.name)'s \(kind.rawValue) key has been pending for \(span(age)) "
                        + "(\(state.rawValue))",
                    do:
                        "leverctl key rotate --company '\(company.company.name)' --kind \(kind.rawValue) continues "
                        + "it, or "
                        + "leverctl key retire ends it")
            }
        }
        return .ok(.keysRotation, "none is pending")
    }
}
