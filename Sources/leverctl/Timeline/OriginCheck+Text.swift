import Reading

extension OriginCheck {
    /// `verified`, `unsigned` or `wrong`.
    var name: String {
        switch self {
        case .verified: "verified"
        case .unsigned: "unsigned"
        case .wrong: "wrong"
        }
    }

    var text: String {
        switch self {
        case .verified(let host): "verified, stored by \(host)"
        case .unsigned: "unsigned"
        case .wrong(let reason): "wrong: \(reason)"
        }
    }
}
