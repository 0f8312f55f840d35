import CGMime

/// A message that a person writes, encoded as RFC 5322 and MIME (RFC 2045).
///
/// A plain value. Text is Unicode; non-ASCII characters are encoded.
public struct OutgoingMessage: Sendable {
    public struct Mailbox: Hashable, Sendable {
        /// Empty for none.
        public var name: String
        public var address: String

        public init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    public struct Attachment: Hashable, Sendable {
        /// File name without directories. Its extension and the content determine the MIME type.
        public var name: String
        public var content: [UInt8]

        public init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    public var from: Mailbox
    public var to: Mailbox
    public var subject: String
    /// Lines end in `\n`.
    public var text: String
    public var attachments: [Attachment] = []
    /// Seconds since 1970.
    public var date: Int
    /// With angle brackets, like the ids in the fields below.
    public var messageID: String
    public var inReplyTo: String?
    public var references: [String] = []
    /// Additional fields, in order. ASCII.
    public var fields: [(name: String, value: String)] = []

    public init(from: Mailbox, to: Mailbox, subject: String, text: String, date: Int, messageID: String) {
        self.from = from
        self.to = to
        self.subject = subject
        self.text = text
        self.date = date
        self.messageID = messageID
    }

    /// The message as it is sent: header and body in ASCII, lines ending in CRLF.
    public var raw: [UInt8] {
        ParsedMessage.initialize
        let message = GObject(owned: g_mime_message_new(1))
        let object = UnsafeMutableRawPointer(message.pointer).assumingMemoryBound(to: GMimeObject.self)
        Self.add(from, to: g_mime_message_get_addresses(message.pointer, GMIME_ADDRESS_TYPE_FROM))
        Self.add(to, to: g_mime_message_get_addresses(message.pointer, GMIME_ADDRESS_TYPE_TO))
        g_mime_message_set_subject(message.pointer, Self.oneLine(subject), "utf-8")
        let time = g_date_time_new_from_unix_utc(gint64(date))
        g_mime_message_set_date(message.pointer, time)
        g_date_time_unref(time)
        g_mime_message_set_message_id(message.pointer, String(messageID.dropFirst().dropLast()))
        if let inReplyTo { Self.set("In-Reply-To", to: inReplyTo, of: object) }
        if !references.isEmpty { Self.set("References", to: references.joined(separator: "\n "), of: object) }
        for (name, value) in fields { Self.set(name, to: value, of: object) }

        let root = body
        g_mime_message_set_mime_part(message.pointer, root.pointer)
        // 7-bit, which every mail server passes on unchanged.
        g_mime_object_encode(object, GMIME_ENCODING_CONSTRAINT_7BIT)
        let options = g_mime_format_options_new()
        defer { g_mime_format_options_free(options) }
        g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS)
        let stream = GObject(owned: g_mime_stream_mem_new())
        g_mime_object_write_to_stream(object, options, stream.pointer)
        let bytes = UnsafeMutableRawPointer(stream.pointer).assumingMemoryBound(to: GMimeStreamMem.self)
        let array = g_mime_stream_mem_get_byte_array(bytes)!.pointee
        return Array(UnsafeBufferPointer(start: array.data, count: Int(array.len)))
    }

    private static func add(_ mailbox: Mailbox, to list: UnsafeMutablePointer<InternetAddressList>?) {
        let address = GObject(
            owned: internet_address_mailbox_new(oneLine(mailbox.name), oneLine(mailbox.address)))
        internet_address_set_charset(address.pointer, "utf-8")
        internet_address_list_add(list, address.pointer)
    }

    /// Sets a field verbatim: GMime's folding breaks fields that programs read. `value` may contain folds as a line
    /// feed and a space.
    private static func set(_ name: String, to value: String, of object: UnsafeMutablePointer<GMimeObject>) {
        g_mime_object_set_header(object, name, "", nil)
        let field = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name)
        let lines = value.split(separator: "\n ", omittingEmptySubsequences: false).map { oneLine(String($0)) }
        g_mime_header_set_raw_value(field, " \(lines.joined(separator: "\n "))\n")
    }

    /// The text with blanks for control characters and ends of lines, so that no text of others begins a field.
    private static func oneLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isLineEnd = [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
            line.append(isLineEnd ? " " : scalar)
        }
        return String(line)
    }

    /// The text; if there are attachments, a multipart/mixed of both.
    private var body: GObject<GMimeObject> {
        let part = g_mime_part_new_with_type("text", "plain")!
        let textObject = UnsafeMutableRawPointer(part).assumingMemoryBound(to: GMimeObject.self)
        g_mime_object_set_content_type_parameter(textObject, "charset", "utf-8")
        Self.fill(part, with: Array(text.utf8))
        guard !attachments.isEmpty else { return GObject(owned: textObject) }
        let multipart = g_mime_multipart_new_with_subtype("mixed")!
        func add(_ object: UnsafeMutablePointer<GMimeObject>) {
            g_mime_multipart_add(multipart, object)
            g_object_unref(object)
        }
        add(textObject)
        for attachment in attachments { add(Self.part(attachment)) }
        return GObject(owned: UnsafeMutableRawPointer(multipart).assumingMemoryBound(to: GMimeObject.self))
    }

    private static func part(_ attachment: Attachment) -> UnsafeMutablePointer<GMimeObject> {
        let type = take(
            g_content_type_guess(attachment.name, attachment.content, gsize(attachment.content.count), nil))
        let mime = take(g_content_type_get_mime_type(type))
        let words = (mime.isEmpty ? "application/octet-stream" : mime).split(separator: "/").map(String.init)
        // A text file has an unknown character set, and its line ends must not change.
        let isKnown = words.count == 2 && !["text", "multipart", "message"].contains(words[0])
        let part = g_mime_part_new_with_type(
            isKnown ? words[0] : "application", isKnown ? words[1] : "octet-stream")!
        fill(part, with: attachment.content)
        g_mime_part_set_content_encoding(part, GMIME_CONTENT_ENCODING_BASE64)
        g_mime_part_set_filename(part, oneLine(attachment.name))
        let object = UnsafeMutableRawPointer(part).assumingMemoryBound(to: GMimeObject.self)
        for (list, name) in [
            (g_mime_content_type_get_parameters(g_mime_object_get_content_type(object)), "name"),
            (g_mime_content_disposition_get_parameters(g_mime_object_get_content_disposition(object)), "filename"),
        ] {
            if let parameter = g_mime_param_list_get_parameter(list, name) {
                g_mime_param_set_charset(parameter, "utf-8")
            }
        }
        return object
    }

    private static func fill(_ part: UnsafeMutablePointer<GMimePart>, with bytes: [UInt8]) {
        let stream = GObject(
            owned: bytes.withUnsafeBytes {
                g_mime_stream_mem_new_with_buffer($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
            })
        let content = GObject(
            owned: g_mime_data_wrapper_new_with_stream(stream.pointer, GMIME_CONTENT_ENCODING_DEFAULT))
        g_mime_part_set_content(part, content.pointer)
    }
}
