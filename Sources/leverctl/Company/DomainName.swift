import ArgumentParser
import Core

/// A mail domain in ASCII and lower case, of at least two labels (RFC 1035 section 2.3.1, RFC 1123 section 2.1).
///
/// BUGS: Internationalised domains are accepted only in their xn-- form, and mail whose envelope has the other form
/// (SMTPUTF8) is not recognised as the company's.
struct DomainName: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard argument.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        var name = argument.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.count >= 2, labels.allSatisfy(Self.isLabel) else { return nil }
        text = name
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    }
}
