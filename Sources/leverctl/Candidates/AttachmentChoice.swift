import MIME

/// Which attachments of a message a reader asked for.
struct AttachmentChoice {
    private let names: [String]
    private let fileNames: [String]

    init(of attachments: [Message.Attachment]) {
        names = attachments.map(\.name)
        fileNames = attachments.enumerated().map { $1.fileName(number: $0 + 1) }
    }

    /// Positions, in order and each once; without a choice, all. A text is a name as the sender wrote it or as it is
    /// shown, the name of the file that it is saved as, or else a number from 1. Throws `CommandError`.
    func indices(of choice: [String]) throws(CommandError) -> [Int] {
        guard !choice.isEmpty else { return Array(names.indices) }
        var chosen: Set<Int> = []
        for text in choice {
            let named = names.indices.filter { [names[$0], names[$0].printable(), fileNames[$0]].contains(text) }
            if !named.isEmpty, !text.isEmpty {
                chosen.formUnion(named)
            } else if let number = Int(text), names.indices.contains(number - 1) {
                chosen.insert(number - 1)
            } else {
                throw CommandError("the message has no attachment '\(text)'; it has \(list)")
            }
        }
        return chosen.sorted()
    }

    private var list: String {
        guard !names.isEmpty else { return "none" }
        return zip(names, 1...).map { $0.isEmpty ? "\($1)" : "\($1) '\($0)'" }.joined(separator: ", ")
    }
}
