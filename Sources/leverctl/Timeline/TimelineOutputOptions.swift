import ArgumentParser
import Glibc

/// The form in which a timeline is written, and where.
struct TimelineOutputOptions: ParsableArguments {
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text, markdown, html, mbox
    }

    @Option(help: "The form: text, markdown, html, or mbox (the raw messages, as mboxrd). At first text.")
    var format: Format?

    @Flag(help: "As --format mbox; with --json, the raw messages as base64.")
    var raw = false

    @Option(help: ArgumentHelp("Write to this file, readable by you alone.", valueName: "file"), completion: .file())
    var out: String?

    @Flag(help: "Overwrite an existing file.")
    var force = false

    var form: Format { format ?? (raw ? .mbox : .text) }

    /// Whether it makes a file to be kept. The audit tells that from reading.
    var isExport: Bool { form != .text || raw || out != nil }

    func validate(json: Bool) throws {
        if raw, let format, format != .mbox {
            throw ValidationError("--raw is --format mbox; give one of them.")
        }
        if json, format != nil || out != nil {
            throw ValidationError(
                "--json is a form of its own, for programs, on standard output; it does not go with --format or --out.")
        }
        if force, out == nil { throw ValidationError("--force is for --out.") }
        if form == .mbox, !json, out == nil, isatty(STDOUT_FILENO) == 1 {
            throw ValidationError(
                "Raw mail could drive the terminal; give --out FILE, or redirect standard output.")
        }
    }

    /// The file, or standard output. A file is there once it is finished.
    func destination() throws -> Destination {
        try out.map { .file(try OutputFile($0, overwriting: force)) } ?? .standardOutput
    }
}
