extension Message.Attachment {
    /// A name under which the attachment can be saved on any system, whatever its sender called it: made of what a
    /// person can see, without a path, not hidden, not a device of Windows, at most 255 bytes. What a system would not
    /// take becomes `_`. Without a name it is `attachment-NUMBER` with an extension of its type; an attached message is
    /// called by its subject and ends in `.eml`.
    ///
    /// Two attachments may get the same name.
    public func fileName(number: Int) -> String {
        let isMessage = message != nil || ["message/rfc822", "message/global"].contains(type)
        var name = AttachmentFileName(name.isEmpty ? message?.subject ?? "" : name)
        if name.isEmpty { name = AttachmentFileName(stem: "attachment-\(number)") }
        if isMessage {
            name.end(in: "eml")
        } else if self.name.isEmpty || self.name.hasSuffix("…"), let known = AttachmentType.extension(of: type) {
            // A name that was cut lost its extension.
            name.end(in: known)
        }
        return name.text
    }
}

/// A file name that is made safe, and of its parts.
public struct AttachmentFileName: Hashable, Sendable {
    private var stem: String
    /// With its full stop; empty if there is none.
    private var ending: String

    /// Bytes of a name that file systems take.
    private static let limit = 255

    fileprivate init(stem: String) { (self.stem, ending) = (stem, "") }

    /// Makes a sender's name safe; empty if nothing of it can be seen.
    init(_ name: String) {
        let safe = Self.safe(name)
        (stem, ending) = (safe, "")
        // What follows the last full stop, if it looks like an extension and is not the whole name.
        if let stop = safe.lastIndex(of: "."), stop != safe.startIndex {
            let last = safe[stop...]
            if last.utf8.count <= 33, !last.contains(" ") {
                (stem, ending) = (String(safe[..<stop]), String(last))
            }
        }
        if Self.isDevice(safe) { stem = "_" + stem }
    }

    /// The name that a saved file has, as `fileName(number:)` made it.
    public init(saved name: String) { self.init(name) }

    var isEmpty: Bool { stem.isEmpty && ending.isEmpty }

    /// The name, at most 255 bytes long.
    public var text: String { text(inserting: "") }

    /// The name of a further file of the same name: `cv (2).pdf`.
    public func numbered(_ number: Int) -> String { text(inserting: " (\(number))") }

    mutating func end(in extension: String) {
        if ending.lowercased() == ".\(`extension`)" { return }
        stem += ending
        ending = ".\(`extension`)"
    }

    private func text(inserting addition: String) -> String {
        let rest = addition + ending
        var shown = stem.prefix(bytes: Self.limit - rest.utf8.count)
        if shown.utf8.count < stem.utf8.count {
            while let last = shown.last, last == " " || last == "." { shown.removeLast() }
        }
        return shown + rest
    }

    private static func safe(_ name: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in name.unicodeScalars {
            switch scalar {
            case _ where scalar.properties.isWhitespace:
                // Also line ends, and blanks of every width, which push an extension out of sight.
                if !scalars.isEmpty, scalars.last != " " { scalars.append(" ") }
            case "/", "\\", ":", "*", "?", "\"", "<", ">", "|": scalars.append("_")
            case _ where isInvisible(scalar): break
            default: scalars.append(scalar)
            }
        }
        while let last = scalars.last, last == " " || last == "." { scalars.removeLast() }
        var safe = Substring(String(scalars))
        while let first = safe.unicodeScalars.first, first == " " || first == "." { safe.unicodeScalars.removeFirst() }
        // Not an option of the command that is given the file.
        guard safe.unicodeScalars.first == "-" else { return String(safe) }
        return "_" + String(safe.unicodeScalars.dropFirst())
    }

    /// Control and bidirectional characters, zero-width ones, tags, and code points that are no characters.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: true
        case .unassigned: scalar.properties.isNoncharacterCodePoint || scalar.properties.isDefaultIgnorableCodePoint
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Windows opens a device under these names, with any extension.
    private static func isDevice(_ name: String) -> Bool {
        var trimmed = name.prefix { $0 != "." }.uppercased()
        while trimmed.last == " " { trimmed.removeLast() }
        if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"].contains(trimmed) { return true }
        return trimmed.count == 4 && (trimmed.hasPrefix("COM") || trimmed.hasPrefix("LPT"))
            && "0123456789¹²³".contains(trimmed.last!)
    }
}
