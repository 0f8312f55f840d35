import ArgumentParser

/// A mail address without angle brackets: something before and after an `@`, no blanks, nothing that a terminal would
/// act on. Whether it exists is not checked.
struct MailAddress: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let at = argument.lastIndex(of: "@"), at != argument.startIndex,
            argument.index(after: at) != argument.endIndex, argument.printable() == argument,
            !argument.contains(where: { $0.isWhitespace || $0 == "<" || $0 == ">" })
        else { return nil }
        text = argument
    }
}
