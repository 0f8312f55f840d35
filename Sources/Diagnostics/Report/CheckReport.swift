/// What was found, by section.
public struct CheckReport: Sendable {
    public struct Part: Sendable {
        public let section: Section
        /// The most urgent first.
        public let findings: [Finding]

        /// Nothing of it could be looked at.
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

    /// The most urgent of all. That single things were not looked at does not count; a whole section does.
    public var status: Finding.Status {
        let status = parts.contains { !$0.isUnchecked } ? worst(findings) : .notChecked
        return status == .ok && parts.contains(where: \.isUnchecked) ? .notChecked : status
    }

    /// As monitoring plugins end (Nagios): 0 all is well, 1 warnings, 2 something critical, 3 could not look.
    public var exitCode: Int32 {
        switch status {
        case .ok: 0
        case .warning: 1
        case .critical: 2
        case .notChecked: 3
        }
    }

    /// One line, which monitoring shows: the state, how much of each, and what is not well.
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

/// Not checked is less than anything that was found.
private func worst(_ findings: [Finding]) -> Finding.Status {
    let status = findings.map(\.status).max() ?? .ok
    return status == .notChecked ? .ok : status
}
