import ArgumentParser

/// The reason of an action, for the audit.
struct ReasonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The reason, for the audit; else the command's name. No names of people: the audit is not sealed.",
            valueName: "text"))
    var reason: String?

    /// The reason that was given, else the command's name.
    func text(_ command: String) -> String { reason ?? command }

    func validate() throws {
        if let reason, !Self.isReason(reason) {
            throw ValidationError("A reason has 1 to 200 characters and no control characters.")
        }
    }

    static func isReason(_ text: String) -> Bool { (1...200).contains(text.count) && text.printable() == text }
}
