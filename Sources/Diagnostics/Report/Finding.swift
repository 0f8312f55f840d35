/// The result of one check.
public struct Finding: Hashable, Sendable {
    public enum Status: String, Comparable, CaseIterable, Sendable {
        case ok
        /// Could not be checked, or does not exist here; the text says why.
        case notChecked = "not_checked"
        /// Works, but should be corrected.
        case warning
        /// Mail waits, is missed, or can be read by somebody who should not: correct it now.
        case critical

        public static func < (one: Status, other: Status) -> Bool {
            allCases.firstIndex(of: one)! < allCases.firstIndex(of: other)!
        }

        public var word: String { self == .notChecked ? "not checked" : rawValue }
    }

    public let id: CheckID
    public let status: Status
    /// What was found, in one line. May hold text from files and servers; never a key, a password or mail content.
    public let text: String
    /// What to do, in one line; nil if nothing.
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
