import CGMime

/// One node of a message's MIME tree, borrowed from the `ParsedMessage` that owns it.
struct MessagePart {
    private let object: UnsafeMutablePointer<GMimeObject>

    /// Depth to which parts are rendered. Mail that people write has four or five levels; deeper parts show as source.
    private static let depthLimit = 50

    init(_ object: UnsafeMutablePointer<GMimeObject>) { self.object = object }

    func render(depth: Int = 0) -> Rendition {
        if let multipart = cast(GMimeMultipart.self, g_mime_multipart_get_type()) {
            return depth < Self.depthLimit ? render(multipart, depth: depth) : source
        }
        guard let content = cast(GMimePart.self, g_mime_part_get_type()) else {
            return Rendition(attachments: [attachedMessage])
        }
        return render(content)
    }

    private func render(_ multipart: UnsafeMutablePointer<GMimeMultipart>, depth: Int) -> Rendition {
        let parts = (0..<g_mime_multipart_get_count(multipart)).compactMap { index in
            g_mime_multipart_get_part(multipart, index).map { MessagePart($0).render(depth: depth + 1) }
        }
        var all = Rendition()
        if isType("multipart", "alternative") { all = .best(of: parts) } else { parts.forEach { all.append($0) } }
        // The prologue is not to be shown (RFC 2046 section 5.1.1), unless there is no boundary. The epilogue is shown:
        // a closing boundary that comes too early leaves text behind it.
        if parts.isEmpty, let prologue = g_mime_multipart_get_prologue(multipart) {
            all.append(Rendition(plain: String(cString: prologue)))
        }
        if let epilogue = g_mime_multipart_get_epilogue(multipart) {
            all.append(Rendition(plain: String(cString: epilogue)))
        }
        return all
    }

    private func render(_ part: UnsafeMutablePointer<GMimePart>) -> Rendition {
        let name = g_mime_part_get_filename(part).map { String(cString: $0) } ?? ""
        let isText = (isType("text", "*") || hasUnreadableType) && !Self.textForPrograms.contains { isType("text", $0) }
        guard isText, g_mime_part_is_attachment(part) == 0 else {
            return Rendition(attachments: [.init(name: name, type: type, size: decodedSize(of: part))])
        }
        let bytes = decodedContent(of: part)
        var shown: Rendition
        if isType("text", "html") {
            shown = Rendition(html: Charset.decode(bytes, label: parameter("charset") ?? Charset.label(inHTML: bytes)))
        } else {
            let text = Charset.decode(bytes, label: parameter("charset"))
            let isFlowed = parameter("format")?.lowercased() == "flowed"
            let deletesSpace = parameter("delsp")?.lowercased() == "yes"
            shown = Rendition(plain: text, flow: isFlowed ? (deletesSpace ? .flowedWithoutSpace : .flowed) : .fixed)
        }
        // A text file with disposition inline.
        if !name.isEmpty { shown.attachments.append(.init(name: name, type: type, size: bytes.count)) }
        return shown
    }

    /// Subtypes of text that are not for reading.
    private static let textForPrograms = ["calendar", "csv", "directory", "rtf", "vcard", "x-vcard"]

    /// The part's source, undecoded.
    private var source: Rendition { Rendition(plain: take(g_mime_object_to_string(object, nil))) }

    private var type: String {
        take(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object))).lowercased()
    }

    private func isType(_ media: String, _ subtype: String) -> Bool {
        g_mime_content_type_is_type(g_mime_object_get_content_type(object), media, subtype) != 0
    }

    /// A Content-Type without a type; it counts as text/plain (RFC 2045 section 5.2).
    private var hasUnreadableType: Bool {
        g_mime_object_get_header(object, "Content-Type").map { !String(cString: $0).contains("/") } ?? false
    }

    private func parameter(_ name: String) -> String? {
        g_mime_object_get_content_type_parameter(object, name).map { String(cString: $0) }
    }

    private var attachedMessage: Message.Attachment {
        let message = cast(GMimeMessagePart.self, g_mime_message_part_get_type())
            .flatMap { g_mime_message_part_get_message($0) }
        let subject = message.flatMap { g_mime_message_get_subject($0) }.map { String(cString: $0) } ?? ""
        let counter = GObject(owned: g_mime_stream_null_new())
        return .init(
            name: subject, type: type,
            size: max(0, g_mime_object_write_content_to_stream(object, nil, counter.pointer)))
    }

    private func decodedContent(of part: UnsafeMutablePointer<GMimePart>) -> [UInt8] {
        guard let content = g_mime_part_get_content(part) else { return [] }
        let stream = GObject(owned: g_mime_stream_mem_new())
        g_mime_data_wrapper_write_to_stream(content, stream.pointer)
        return stream.pointer.withMemoryRebound(to: GMimeStreamMem.self, capacity: 1) { memory in
            let bytes = g_mime_stream_mem_get_byte_array(memory)!.pointee
            return Array(UnsafeBufferPointer(start: bytes.data, count: Int(bytes.len)))
        }
    }

    private func decodedSize(of part: UnsafeMutablePointer<GMimePart>) -> Int {
        guard let content = g_mime_part_get_content(part) else { return 0 }
        let counter = GObject(owned: g_mime_stream_null_new())
        return max(0, g_mime_data_wrapper_write_to_stream(content, counter.pointer))
    }

    /// The object as one of its classes; nil if it is of another.
    private func cast<Class>(_: Class.Type, _ type: GType) -> UnsafeMutablePointer<Class>? {
        let pointer = UnsafeMutableRawPointer(object)
        let isInstance = g_type_check_instance_is_a(pointer.assumingMemoryBound(to: GTypeInstance.self), type) != 0
        return isInstance ? pointer.assumingMemoryBound(to: Class.self) : nil
    }
}
