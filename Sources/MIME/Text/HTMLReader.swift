import CLibxml2

/// libxml2's HTML parser as a source of events. It reads whatever it is given and loads nothing.
enum HTMLReader {
    static func parse(_ html: String, into page: inout HTMLText) {
        let parser = readable(html).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { htmlCreateMemoryParserCtxt($0.baseAddress, Int32($0.count)) }
        }
        guard let parser else { return }
        defer { htmlFreeParserCtxt(parser) }
        let quietly = HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        // The text is UTF-8 by now, whatever the page says of itself.
        htmlCtxtUseOptions(
            parser, Int32(quietly | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue))
        xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8)

        // Nothing but elements and text; script and style arrive as CDATA and so not at all.
        var events = xmlSAXHandler()
        events.startElement = { page, name, attributes in
            let attributes = HTMLAttributes(attributes)
            page!.assumingMemoryBound(to: HTMLText.self).pointee.start(String(cString: name!), attributes)
        }
        events.endElement = { page, name in
            page!.assumingMemoryBound(to: HTMLText.self).pointee.end(String(cString: name!))
        }
        events.characters = { page, text, length in
            let text = UnsafeBufferPointer(start: text, count: Int(length))
            page!.assumingMemoryBound(to: HTMLText.self).pointee.text(text)
        }
        events.ignorableWhitespace = events.characters
        parser.pointee.sax.pointee = events

        withUnsafeMutablePointer(to: &page) { page in
            parser.pointee.userData = UnsafeMutableRawPointer(page)
            htmlParseDocument(parser)
        }
    }

    /// Without what libxml2 stumbles over: a NUL, which it takes for the end, and Outlook's `<![if …]>` and
    /// `<![endif]>` around content that is there for everybody, which it takes for text.
    private static func readable(_ html: String) -> [UInt8] {
        let html = Array(html.utf8)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(html.count)
        var position = 0
        while position < html.count {
            if html[position...].starts(with: "<![".utf8), let end = endOfConditional(html[position...]) {
                position = end
                continue
            }
            if html[position] == 0 { bytes += "\u{FFFD}".utf8 } else { bytes.append(html[position]) }
            position += 1
        }
        return bytes
    }

    /// The index after the `]>`; nil where it is no such mark. `<![endif]-->` is none, but the end of a comment.
    private static func endOfConditional(_ html: ArraySlice<UInt8>) -> Int? {
        let word = html.dropFirst(3)
        guard word.starts(with: "if ".utf8) || word.starts(with: "endif]".utf8),
            let close = word.prefix(200).firstIndex(of: UInt8(ascii: "]")), close + 1 < html.endIndex,
            html[close + 1] == UInt8(ascii: ">")
        else { return nil }
        return close + 2
    }
}

extension HTMLAttributes {
    /// Takes names and values by turns, up to a null; a value is null where there is none.
    fileprivate init(_ list: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
        var values: [String: String] = [:]
        var next = list
        while let pair = next, let name = pair[0].map({ String(cString: $0) }) {
            if Self.names.contains(name) { values[name] = pair[1].map { String(cString: $0) } ?? "" }
            next = pair + 2
        }
        self.init(values)
    }
}
