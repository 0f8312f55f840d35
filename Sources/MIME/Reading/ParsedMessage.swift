import CGMime
import Glibc

/// A message parsed by GMime. Sole owner of the tree; parts and header fields are borrowed from it within a call. One
/// thread at a time.
///
/// GMime bounds the depth of the tree at 1,024.
struct ParsedMessage: ~Copyable {
    private let message: GObject<GMimeMessage>
    private let options: OpaquePointer
    /// Lines in the place of a part's header that are not fields.
    private let strayLines: [[UInt8]]

    /// GMime's initialization, once per process. It registers types; it starts no program and touches no key ring.
    static let initialize: Void = g_mime_init()

    init(_ raw: [UInt8]) {
        Self.initialize
        options = g_mime_parser_options_new()
        // Tried in turn on header bytes that are not ASCII and name no character set.
        var fallbacks: [UnsafePointer<CChar>?] = ["utf-8", "windows-1252"].map { (name: StaticString) in
            UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        fallbacks.append(nil)
        g_mime_parser_options_set_fallback_charsets(options, &fallbacks)

        let bytes = ParserInput.prepared(HeaderEnd.marked(in: raw))
        let stream = GObject(
            owned: bytes.withUnsafeBytes { bytes in
                g_mime_stream_mem_new_with_buffer(
                    bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            })
        let parser = GObject(owned: g_mime_parser_new_with_stream(stream.pointer))
        var strayLines: [[UInt8]] = []
        let options = options
        let parsed = withUnsafeMutablePointer(to: &strayLines) { lines in
            g_mime_parser_options_set_warning_callback(options, keepStrayLine, lines)
            defer { g_mime_parser_options_set_warning_callback(options, nil, nil) }
            return g_mime_parser_construct_message(parser.pointer, options)
        }
        self.strayLines = strayLines
        // GMime makes no message from empty input.
        message = GObject(owned: parsed ?? g_mime_message_new(0))
    }

    deinit { g_mime_parser_options_free(options) }

    /// The body as it is shown, and the bytes of text that were not looked at.
    func body() -> (Rendition, unread: Int) {
        var budget = SourceBudget()
        let strays = budget.take(Array(strayLines.joined(separator: [lineFeed])))
        var all = Rendition(plain: Charset.decode(strays, label: nil))
        if let root = g_mime_message_get_mime_part(message.pointer) { all.append(MessagePart(root).render(&budget)) }
        return (all, budget.omitted)
    }

    /// All fields of that name, encoded words decoded, separated by commas.
    func text(_ name: String) -> String {
        fields(name) { value, _ in HeaderText.decode(UnsafeRawBufferPointer(start: value, count: strlen(value))) }
    }

    /// The addresses in all fields of that name as `Name <address>`. A name that looks like an address is quoted, so
    /// fields are parsed before they are decoded. A field without a recognisable address is returned as text.
    func addresses(_ name: String) -> String {
        fields(name) { value, isParsed in
            guard isParsed, let parsed = internet_address_list_parse(options, value) else {
                return take(g_mime_utils_header_decode_text(options, value))
            }
            let list = GObject(owned: parsed)
            return take(internet_address_list_to_string(list.pointer, nil, 0))
        }
    }

    /// Nil for another field's name; false for one that GMime was not to parse.
    private static func isNamed(_ name: String, _ found: UnsafePointer<CChar>) -> Bool? {
        if g_ascii_strcasecmp(found, name) == 0 { return true }
        let isMasked = UInt8(bitPattern: found[0]) == ParserInput.mask && strlen(found) == name.utf8.count
        return isMasked && g_ascii_strcasecmp(found + 1, String(name.dropFirst())) == 0 ? false : nil
    }

    private func fields(_ name: String, show: (_ value: UnsafePointer<CChar>, _ isParsed: Bool) -> String) -> String {
        let object = UnsafeMutableRawPointer(message.pointer).assumingMemoryBound(to: GMimeObject.self)
        let list = g_mime_object_get_header_list(object)
        var (shown, length) = ([String](), 0)
        for index in 0..<g_mime_header_list_get_count(list) {
            guard let field = g_mime_header_list_get_header_at(list, index),
                let isParsed = Self.isNamed(name, g_mime_header_get_name(field)),
                let raw = g_mime_header_get_raw_value(field)
            else { continue }
            // Encoded words are up to four times as long as what they say.
            guard length <= ReadingLimits.field else {
                shown.append("…")
                break
            }
            let bounded = UnsafeRawBufferPointer(start: raw, count: min(strlen(raw), 5 * ReadingLimits.field))
            guard let value = g_mime_utils_header_unfold(bounded.map { CChar(bitPattern: $0) } + [0]) else { continue }
            defer { g_free(value) }
            let text = show(g_strchug(g_strchomp(value)), isParsed)
            shown.append(bounded.count < strlen(raw) ? text + "…" : text)
            length += text.utf8.count
        }
        return shown.joined(separator: ", ")
    }
}

/// GMime drops lines that it cannot read as a header field, and reports them here.
private func keepStrayLine(
    _: Int, warning: GMimeParserWarning, line: UnsafePointer<CChar>?, lines: UnsafeMutableRawPointer?
) {
    guard warning == GMIME_CRIT_INVALID_HEADER_NAME, let line, let lines else { return }
    let bytes = UnsafeRawBufferPointer(start: line, count: strlen(line))
    lines.assumingMemoryBound(to: [[UInt8]].self).pointee.append(Array(bytes))
}
