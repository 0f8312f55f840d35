// TNEF: what Outlook and Exchange pack into winmail.dat (MS-OXTNEF): the text, the attached files, the times of a
// meeting. Wraps libytnef, which decompresses the text. Knows nothing of MIME or of this product.

/// One TNEF stream, as an `application/ms-tnef` part holds it.
///
/// A plain value. Reading never fails once the stream is recognised: what is damaged is left out, with what is behind
/// it.
/// Time and memory are in proportion to the stream. Its framing is read here, value by value; libytnef sees compressed
/// texts alone, in copies whose lengths are checked (`CompressedRTF`).
public struct TNEFMessage: Hashable, Sendable {
    public struct Attachment: Hashable, Sendable {
        /// File name, or an attached message's title; empty if there is none.
        public let name: String
        /// MIME type in lower case; empty if there is none.
        public let type: String
        /// An attached message or other object is in a form of Outlook's own.
        public let data: [UInt8]
    }

    /// When and where a meeting is. Times are seconds since 1970.
    public struct Meeting: Hashable, Sendable {
        public let start: Int
        public let end: Int?
        public let location: String
    }

    /// `IPM.Note`, `IPM.Schedule.Meeting.Request`, …; older programs write `IPM.Microsoft Mail.Note`.
    public let messageClass: String
    /// Empty if there is none.
    public let subject: String
    /// The text without layout; empty if there is none.
    public let plain: String
    /// The text as HTML; empty if there is none.
    public let html: String
    public let attachments: [Attachment]
    /// Attachments beyond the limit.
    public let omitted: Int
    public let meeting: Meeting?

    /// Nil if the bytes are no TNEF stream.
    ///
    /// - Parameter decode: Text of a Windows code page, such as 1252 or 65001 (UTF-8).
    public init?(_ bytes: [UInt8], decode: @escaping (_ bytes: [UInt8], _ codePage: Int) -> String) {
        guard let source = TNEFSource(bytes) else { return nil }
        let properties = PropertyList(source.properties)
        let page = properties.number(.internetCodePage) ?? properties.number(.messageCodePage) ?? source.codePage
        func string(_ bytes: ArraySlice<UInt8>) -> String { decode(Array(bytes.prefix { $0 != 0 }), source.codePage) }
        func string(_ id: PropertyID, of properties: PropertyList) -> String {
            properties.text(id) { decode($0, source.codePage) }
        }
        messageClass = [string(source.messageClass), string(.messageClass, of: properties)].first { !$0.isEmpty } ?? ""
        subject = string(source.subject)

        var (plain, html) = (string(.body, of: properties), "")
        if plain.isBlank { plain = string(source.body) }
        if let bytes = properties.bytes(.html) { html = decode(bytes, page) }
        if let compressed = properties.bytes(.compressedRTF), html.isBlank || plain.isBlank,
            let rtf = CompressedRTF.decompressed(compressed)
        {
            let text = RTFText(rtf, decode: decode)
            if text.isHTML, html.isBlank { html = text.content }
            if !text.isHTML, plain.isBlank { plain = text.content }
        }
        (self.plain, self.html) = (plain, html)

        attachments = source.attachments.map { part in
            let properties = PropertyList(part.properties)
            let names = [.longFileName, .fileName].map { string($0, of: properties) } + [string(part.title)]
                + [string(.displayName, of: properties)]
            return Attachment(
                name: names.first { !$0.isEmpty } ?? "", type: string(.mimeType, of: properties).lowercased(),
                data: part.data.isEmpty ? properties.bytes(.object) ?? [] : Array(part.data))
        }
        omitted = source.omittedAttachments
        meeting = (properties.time(.meetingStart) ?? properties.time(.startDate)).map { start in
            Meeting(
                start: start, end: properties.time(.meetingEnd) ?? properties.time(.endDate),
                location: string(.meetingPlace, of: properties))
        }
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
