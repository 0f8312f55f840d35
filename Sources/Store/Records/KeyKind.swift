/// The purpose of a key.
public enum KeyKind: String, CaseIterable, Sendable {
    /// Messages are sealed to it.
    case sealing
    /// Signs the ids of threads.
    case marker
    /// Makes blind indices and dedupe keys.
    case index
}

extension KeyKind: SQLValue {}
