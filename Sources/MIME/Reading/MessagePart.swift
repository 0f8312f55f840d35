import CGMime
import Glibc

/// One node of a message's MIME tree, borrowed from the `ParsedMessage` that owns it.
struct MessagePart {
    private let object: UnsafeMutablePointer<GMimeObject>

    init(_ object: UnsafeMutablePointer<GMimeObject>) { self.object = object }

    /// Multiparts deeper than `ReadingLimits.parts` show as source.
    func render(_ budget: inout SourceBudget, depth: Int = 0) -> Rendition {
        if let multipart = cast(GMimeMultipart.self, g_mime_multipart_get_type()) {
            return depth < ReadingLimits.parts ? render(multipart, &budget, depth: depth) : source(&budget)
        }
        guard let content = cast(GMimePart.self, g_mime_part_get_type()) else {
            return Rendition(attachments: [attachedMessage])
        }
        return render(content, &budget)
    }

    private func render(
        _ multipart: UnsafeMutablePointer<GMimeMultipart>, _ budget: inout SourceBudget, depth: Int
    ) -> Rendition {
        var parts: [Rendition] = []
        for index in 0..<g_mime_multipart_get_count(multipart) {
            guard let part = g_mime_multipart_get_part(multipart, index) else { continue }
            parts.append(MessagePart(part).render(&budget, depth: depth + 1))
        }
        var all = Rendition()
        if isType("multipart", "alternative") { all = .best(of: parts) } else { parts.forEach { all.append($0) } }
        // The prologue is not to be shown (RFC 2046 section 5.1.1), unless there is no boundary. The epilogue is shown:
        // a closing boundary that comes too early leaves text behind it.
        if parts.isEmpty, let prologue = g_mime_multipart_get_prologue(multipart) {
            all.append(Rendition(plain: text(prologue, &budget)))
        }
        if let epilogue = g_mime_multipart_get_epilogue(multipart) {
            all.append(Rendition(plain: text(epilogue, &budget)))
        }
        return all
    }

    private func text(_ string: UnsafePointer<CChar>, _ budget: inout SourceBudget) -> String {
        String(
            decoding: budget.take(Array(UnsafeRawBufferPointer(start: string, count: strlen(string)))), as: UTF8.self)
    }

    private func render(_ part: UnsafeMutablePointer<GMimePart>, _ budget: inout SourceBudget) -> Rendition {
        let disposition = field("Content-Disposition")
        let contentType = field("Content-Type")
        let name = (disposition["filename"] ?? contentType["name"] ?? "").shortened(to: ReadingLimits.name)
        let isText = (isType("text", "*") || hasUnreadableType) && !Self.textForPrograms.contains { isType("text", $0) }
        guard isText, disposition.value != "attachment" else {
            let size = decodedContent(of: part, isText: false).count
            return Rendition(attachments: [.init(name: name, type: type, size: size)])
        }
        let content = decodedContent(of: part, isText: true)
        func parameter(_ name: String) -> String? { contentType[name] }
        let bytes = budget.take(content)
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
        if !name.isEmpty { shown.attachments.append(.init(name: name, type: type, size: content.count)) }
        return shown
    }

    /// Subtypes of text that are not for reading.
    private static let textForPrograms = ["calendar", "csv", "directory", "rtf", "vcard", "x-vcard"]

    /// The part's source, undecoded.
    private func source(_ budget: inout SourceBudget) -> Rendition {
        guard let source = g_mime_object_to_string(object, nil) else { return Rendition() }
        defer { g_free(source) }
        return Rendition(plain: text(source, &budget))
    }

    private var type: String {
        take(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object))).lowercased()
            .shortened(to: ReadingLimits.name)
    }

    private func isType(_ media: String, _ subtype: String) -> Bool {
        g_mime_content_type_is_type(g_mime_object_get_content_type(object), media, subtype) != 0
    }

    /// A Content-Type without a type; it counts as text/plain (RFC 2045 section 5.2).
    private var hasUnreadableType: Bool {
        g_mime_object_get_header(object, "Content-Type").map { !String(cString: $0).contains("/") } ?? false
    }

    private var attachedMessage: Message.Attachment {
        let message = cast(GMimeMessagePart.self, g_mime_message_part_get_type())
            .flatMap { g_mime_message_part_get_message($0) }
        let subject = message.flatMap { g_mime_message_get_subject($0) }.map { String(cString: $0) } ?? ""
        // GMime writes the part in full; what is attached is not rendered.
        let counter = GObject(owned: g_mime_stream_null_new())
        return .init(
            name: subject.shortened(to: ReadingLimits.name), type: type,
            size: max(0, g_mime_object_write_content_to_stream(object, nil, counter.pointer)))
    }

    private func decodedContent(of part: UnsafeMutablePointer<GMimePart>, isText: Bool) -> [UInt8] {
        guard let content = g_mime_part_get_content(part) else { return [] }
        let stream = GObject(owned: g_mime_stream_mem_new())
        guard let source = g_mime_data_wrapper_get_stream(content) else { return [] }
        g_mime_stream_reset(source)
        g_mime_stream_write_to_stream(source, stream.pointer)
        let bytes = stream.pointer.withMemoryRebound(to: GMimeStreamMem.self, capacity: 1) { memory in
            let bytes = g_mime_stream_mem_get_byte_array(memory)!.pointee
            return Array(UnsafeBufferPointer(start: bytes.data, count: Int(bytes.len)))
        }
        return TransferEncoding(rawValue(of: "Content-Transfer-Encoding")).decode(bytes[...], isText: isText)
    }

    private func field(_ name: String) -> ContentField { ContentField(rawValue(of: name) ?? []) }

    private func rawValue(of name: String) -> [UInt8]? {
        guard let header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name),
            let value = g_mime_header_get_raw_value(header)
        else { return nil }
        return Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }

    /// The object as one of its classes; nil if it is of another.
    private func cast<Class>(_: Class.Type, _ type: GType) -> UnsafeMutablePointer<Class>? {
        let pointer = UnsafeMutableRawPointer(object)
        let isInstance = g_type_check_instance_is_a(pointer.assumingMemoryBound(to: GTypeInstance.self), type) != 0
        return isInstance ? pointer.assumingMemoryBound(to: Class.self) : nil
    }
}
