/// A key's place in its life cycle.
public enum KeyState: String, CaseIterable, Sendable {
    /// Announced to the mail hosts; not used yet.
    case next
    /// Every mail host has it. A sealing key is used from here on, beside the one that it will replace.
    case distributed
    /// Used for everything new.
    case primary
    /// Not used for anything new; existing data still depends on it.
    case old
    /// Out of use.
    case retired
    /// Deleted; only its name remains.
    case destroyed
}

extension KeyState: SQLValue {}
