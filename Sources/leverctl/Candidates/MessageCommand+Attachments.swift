import ArgumentParser
import Core
import MIME
import Reading
import Store

extension MessageCommand {
    struct Attachments: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is attached to a message, or save it.",
            discussion: """
                Inline images and attached messages are listed too, in the order of the timeline. Files are saved under \
                names that are safe on any system, readable by you alone, and overwrite nothing: where a name exists, \
                the file is called NAME (2). An attached message is saved as a .eml file, with what is attached to it. \
                The audit records the opening.
                """,
            examples: [
                "leverctl message attachments 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19",
                "leverctl message attachments 0193a5c2-6f7e-7b3a-9c41-2d8f0e5a7b19 \\\n    --save . --only cv.pdf",
            ])

        @Argument(
            help: "The message's entry id, as in the timeline and the log.", completion: .messages,
            transform: EntryID.parse)
        var entry: EntryID

        @Option(
            help: ArgumentHelp(
                "Save the attachments in this directory, which is made if it is missing.", valueName: "directory"),
            completion: .directory)
        var save: String?

        @Option(
            help: ArgumentHelp("Only the attachment of this name or number. Repeat it for more.", valueName: "name"))
        var only: [String] = []

        @Option(
            help: "The company, by name or id; else all companies that you are a user of are searched.",
            completion: .companies)
        var company: String?

        @OptionGroup var reason: ReasonOptions
        @OptionGroup var keyOptions: KeyRingOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try timeline.company(company, of: entry)
            let keys = try keyOptions.keyRing(shared)
            let purpose = ReaderSession.Purpose(
                save == nil ? .open : .export, reason: reason.text("message attachments"))
            let raw = try timeline.openedMessage(entry, company: company, keys: keys, purpose)
            let attachments = MessageAttachments(raw: raw)
            let chosen = try AttachmentChoice(of: attachments.list).indices(of: only)

            var records = chosen.map { AttachmentRecord(attachments.list[$0], number: $0 + 1) }
            if let save, !chosen.isEmpty {
                var files = try AttachmentFiles(in: save)
                for (place, index) in chosen.enumerated() {
                    let name = attachments.list[index].fileName(number: index + 1)
                    records[place].file = try files.save(attachments.content(index), as: name)
                }
                try files.finish()
            }
            try shared.show(
                AttachmentListing(entry: entry.description, company: company.rawValue, attachments: records),
                text(records))
        }

        private func text(_ records: [AttachmentRecord]) -> String {
            guard !records.isEmpty else {
                return "Message \(entry) has no attachments" + (save == nil ? "." : "; nothing was saved.")
            }
            guard save == nil else {
                return records.map { "Saved \($0.file ?? "") (\(counted($0.size, "byte"))).".printable() }
                    .joined(separator: "\n")
            }
            return tableText(
                ["NUMBER", "NAME", "TYPE", "SIZE"],
                records.map { ["\($0.number)", $0.name.isEmpty ? "(no name)" : $0.name, $0.type, "\($0.size)"] })
        }
    }
}
