import Store

/// A key that was retired or destroyed, as the command shows it.
struct EndedKey: Encodable {
    let kind: String
    let keyID: String
    let state: String
    let note: String?

    init(_ kind: KeyKind, _ key: String, state: String, note: String?) {
        self.kind = kind.rawValue
        keyID = key
        self.state = state
        self.note = note
    }
}

extension SharedOptions {
    func show(_ key: EndedKey) throws {
        try show(
            key,
            ["\(key.kind.capitalized) key \(key.keyID) is \(key.state).", key.note].compactMap(\.self)
                .joined(separator: "\n"))
    }
}
