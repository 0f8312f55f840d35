/// The findings of a run, by section.
public struct CheckReport: Sendable {
    public struct Part: Sendable {
        public let section: Section
        /// Most urgent first.
        public let findings: [Finding]

        /// Nothing in it could be checked.
        public var isUnchecked: Bool { findings.allSatisfy { $0.status == .notChecked } }
        public var status: Finding.Status { isUnchecked ? .notChecked : worst(findings) }

        init(_ section: Section, _ findings: [Finding]) {
            self.section = section
            self.findings = findings.enumerated()
                .sorted { ($1.element.status, $0.offset) < ($0.element.status, $1.offset) }.map(\.element)
        }
    }

    public let parts: [Part]

    public var findings: [Finding] { parts.flatMap(\.findings) }

    /// The most urgent status of all findings. A single check that was not possible does not count; a whole section
    /// does.
    public var status: Finding.Status {
        let status = parts.contains { !$0.isUnchecked } ? worst(findings) : .notChecked
        return status == .ok && parts.contains(where: \.isUnchecked) ? .notChecked : status
    }

    /// The exit status of a monitoring plugin (Nagios): 0 OK, 1 warning, 2 critical, 3 unknown.
    public var exitCode: Int32 {
        switch status {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .notChecked: 3
        }
    }

    /// One line for monitoring: the status, the number of findings of each status, and the names of failed checks.
    public var summary: String {
        let words: [Finding.Status: String] = [
            .ok: "OK", .warning: "WARNING", .critical: "CRITICAL", .notChecked: "UNKNOWN",
        ]
        let counts = Finding.Status.allCases.reversed().compactMap { status -> String? in
            let count = findings.count { $0.status == status }
            return count == 0 ? nil : "\(count) \(status.word)"
        }
        var ids: [String] = []
        for finding in findings where finding.status > .notChecked && !ids.contains(finding.id.rawValue) {
            ids.append(finding.id.rawValue)
        }
        return "\(words[status]!): \(counts.joined(separator: ", "))"
            + (ids.isEmpty ? "" : ": " + ids.joined(separator: " "))
    }
}

/// `notChecked` ranks below every finding.
private func worst(_ findings: [Finding]) -> Finding.Status {
    let status = findings.map(\.status).max() ?? .ok
    return status == .notChecked ? .ok : status
}
