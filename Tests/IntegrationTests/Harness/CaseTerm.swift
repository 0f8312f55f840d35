import TestSupport

/// One term of what is expected of a message case.
struct CaseTerm: Sendable, CustomStringConvertible {
    enum Value: Equatable { case text(String), list([String]) }

    let description: String
    /// `captured`, `not_captured`, or what is compared.
    let name: String
    private let wanted: String
    private let isWhole: Bool
    private let isNegated: Bool

    init(_ term: String) throws {
        description = term
        guard let found = term.firstMatch(of: /^([a-z_]+)(!?)([=~])/) else {
            guard ["captured", "not_captured"].contains(term) else { throw HarnessError("cases.tsv: \(term)") }
            (name, wanted, isWhole, isNegated) = (term, "", true, false)
            return
        }
        name = String(found.1)
        wanted = String(term[found.range.upperBound...]).replacing(/\\u\{([0-9a-f]+)\}/) { match in
            String(Unicode.Scalar(UInt32(match.1, radix: 16)!)!)
        }
        isWhole = found.3 == "="
        isNegated = !found.2.isEmpty
    }

    /// Whether that is what is expected. Of a list, one element must be.
    func holds(for value: Value) -> Bool {
        let isSo =
            switch value {
            case .list(let elements): elements.contains(wanted)
            case .text(let text) where isWhole: Self.oneLine(text) == Self.oneLine(wanted)
            case .text(let text):
                if Self.oneLine(wanted).isEmpty { text.contains(wanted) } else {
                    Self.oneLine(text).utf8.firstRange(of: Array(Self.oneLine(wanted).utf8)) != nil
                }
            }
        return isSo != isNegated
    }

    /// For `entry`, which is compared in lower case.
    var inLowerCase: CaseTerm {
        get throws { try CaseTerm(description.lowercased()) }
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
