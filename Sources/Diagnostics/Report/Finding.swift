/// One thing that was looked at, and what was found.
public struct Finding: Hashable, Sendable {
    public enum Status: String, Comparable, CaseIterable, Sendable {
        case ok
        /// Could not be looked at, or does not exist here: why is in the text.
        case notChecked = "not_checked"
        /// Works, and should be put right.
        case warning
        /// Mail waits, is missed, or is read by whom it should not be: put it right now.
        case critical

        public static func < (one: Status, other: Status) -> Bool {
            allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
        }

        public var word: String { self == .notChecked ? "not checked" : rawValue }
    }

    public let id: CheckID
    public let status: Status
    /// One line: what there is. May hold text from files and servers; never a key, a password or content of mail.
    public let text: String
    /// What to do, one line; nil where there is nothing to.
    public let advice: String?

    public static func ok(_ id: CheckID, _ text: String) -> Finding {
        Finding(id: id, status: .ok, text: text, advice: nil)
    }

    public static func notChecked(_ id: CheckID, _ reason: String) -> Finding {
        Finding(id: id, status: .notChecked, text: reason, advice: nil)
    }

    public static func warning(_ id: CheckID, _ text: String, do advice: String) -> Finding {
        Finding(id: id, status: .warning, text: text, advice: advice)
    }

    public static func critical(_ id: CheckID, _ text: String, do advice: String) -> Finding {
        Finding(id: id, status: .critical, text: text, advice: advice)
    }
}
