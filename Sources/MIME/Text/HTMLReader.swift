import CLibxml2

/// libxml2's HTML parser as a source of events for `HTMLText`. It accepts any input and loads nothing.
enum HTMLReader {
    static func parse(_ html: String, into page: inout HTMLText) {
        let parser = HTMLSource.readable(html).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { htmlCreateMemoryParserCtxt($0.baseAddress, Int32($0.count)) }
        }
        guard let parser else { return }
        defer { htmlFreeParserCtxt(parser) }
        let quietly = HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue
        // The text is UTF-8 by now, whatever the page declares.
        htmlCtxtUseOptions(
            parser, Int32(quietly | HTML_PARSE_NONET.rawValue | HTML_PARSE_IGNORE_ENC.rawValue))
        xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8)

        // Only elements and text; script and style arrive as CDATA, and so are dropped.
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
}

extension HTMLAttributes {
    /// `list` alternates names and values up to a null; a missing value is null.
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
