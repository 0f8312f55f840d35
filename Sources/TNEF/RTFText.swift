/// The text of RTF, or the HTML that Exchange packed into it (MS-OXRTFEX): what is read, without fonts, pictures and
/// styles. Work and memory are in proportion to the source; nothing nests on the stack.
struct RTFText {
    private(set) var content = ""
    /// It is HTML (`\fromhtml1`).
    private(set) var isHTML = false

    /// What the braces of a group restore.
    private struct State {
        /// The group is a destination that is not text: fonts, colours, pictures.
        var isSkipped = false
        /// The table of fonts.
        var isFontTable = false
        /// Within `\htmltag`.
        var isTag = false
        /// Between `\htmlrtf` and `\htmlrtf0`: there for RTF readers alone.
        var isForRTF = false
        /// Characters after `\u` that stand in for readers without Unicode.
        var substitutes = 1
        var codePage = 1252
    }

    private var state = State()
    private var stack: [State] = []
    /// Open groups beyond the limit; they share a state.
    private var deeper = 0
    private var codePage = 1252
    private var font = 0
    private var fonts: [Int: Int] = [:]
    /// Bytes of the code page that are not decoded yet: a character may have several.
    private var bytes: [UInt8] = []
    private var units: [UInt16] = []
    private var substitutesLeft = 0
    /// `\*` came just before.
    private var isOptional = false
    private let decode: (_ bytes: [UInt8], _ codePage: Int) -> String

    init(_ source: [UInt8], decode: @escaping (_ bytes: [UInt8], _ codePage: Int) -> String) {
        self.decode = decode
        var scanner = RTFScanner(source)
        while let token = scanner.next() { take(token, &scanner) }
        flush()
    }

    private var isVisible: Bool {
        !state.isSkipped && (!isHTML || state.isTag || !state.isForRTF)
    }

    private mutating func take(_ token: RTFScanner.Token, _ scanner: inout RTFScanner) {
        switch token {
        case .open:
            flush()
            substitutesLeft = 0
            if stack.count < TNEFLimits.depth { stack.append(state) } else { deeper += 1 }
        case .close:
            flush()
            substitutesLeft = 0
            if deeper > 0 { deeper -= 1 } else if let outer = stack.popLast() { state = outer }
        case .byte(let byte):
            if substitutesLeft > 0 {
                substitutesLeft -= 1
            } else if isVisible {
                flushUnits()
                bytes.append(byte)
            }
        case .optional:
            isOptional = true
            return
        case .word(let name, let number):
            control(name, number, &scanner)
        }
        isOptional = false
    }

    private mutating func control(_ name: String, _ number: Int?, _ scanner: inout RTFScanner) {
        if name == "u" {
            flushBytes()
            if isVisible { units.append(UInt16(truncatingIfNeeded: number ?? 0x3f)) }
            substitutesLeft = state.substitutes
            return
        }
        flush()
        if let text = Self.characters[name] {
            if substitutesLeft > 0 {
                substitutesLeft -= 1
            } else if isVisible {
                content += isHTML && name == "~" ? "&nbsp;" : text
            }
            return
        }
        switch name {
        case "bin": scanner.skip(number ?? 0)
        case "uc": state.substitutes = max(0, min(number ?? 1, 10))
        case "fromhtml": isHTML = number != 0
        case "htmlrtf": state.isForRTF = number != 0
        case "htmltag": if isOptional { (state.isTag, state.isSkipped) = (true, state.isSkipped || !isHTML) }
        case "ansicpg":
            codePage = number ?? codePage
            state.codePage = codePage
        case "fonttbl": (state.isFontTable, state.isSkipped) = (true, true)
        case "f":
            font = number ?? 0
            if !state.isFontTable { state.codePage = fonts[font] ?? codePage }
        case "fcharset": if state.isFontTable { fonts[font] = number.flatMap { Self.codePages[$0] } }
        case "plain": state.codePage = codePage
        case _ where isOptional || Self.destinations.contains(name): state.isSkipped = true
        default: break
        }
    }

    private mutating func flush() {
        flushBytes()
        flushUnits()
    }

    private mutating func flushBytes() {
        guard !bytes.isEmpty else { return }
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        content += isASCII ? String(decoding: bytes, as: UTF8.self) : decode(bytes, state.codePage)
        bytes.removeAll(keepingCapacity: true)
    }

    private mutating func flushUnits() {
        guard !units.isEmpty else { return }
        content += String(decoding: units, as: UTF16.self)
        units.removeAll(keepingCapacity: true)
    }
}

extension RTFText {
    private static let characters = [
        "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "~": "\u{a0}",
        "_": "\u{2011}", "-": "", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
        "bullet": "•", "endash": "–", "emdash": "—", "emspace": " ", "enspace": " ",
    ]
    /// Groups that are not text, beside those that `\*` begins.
    private static let destinations: Set<String> = [
        "colortbl", "stylesheet", "info", "pict", "object", "header", "headerl", "headerr", "headerf", "footer",
        "footerl", "footerr", "footerf", "mhtmltag", "nonshppict",
    ]
    /// Windows code pages of fonts' character sets.
    private static let codePages = [
        0: 1252, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256,
        186: 1257, 204: 1251, 222: 874, 238: 1250,
    ]
}
