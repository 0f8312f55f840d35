import CLibxml2

/// libxml2's HTML parser as a source of events for `HTMLText`. It accepts any input and loads nothing.
enum HTMLReader {
    static func parse(_ html: String, into page: inout HTMLText) {
        let source = HTMLSource.readable(html)
        let parser = source.withUnsafeBufferPointer { bytes in
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
        events.startElement = { target, name, attributes in
            let target = target!.assumingMemoryBound(to: Target.self)
            guard target.pointee.rest == nil else { return }
            target.pointee.page.start(String(cString: name!), HTMLAttributes(attributes))
            // Its work for each tag grows with the depth.
            if target.pointee.page.isTooDeep { target.pointee.stop() }
        }
        events.endElement = { target, name in
            let target = target!.assumingMemoryBound(to: Target.self)
            if target.pointee.rest == nil { target.pointee.page.end(String(cString: name!)) }
        }
        events.characters = { target, text, length in
            let target = target!.assumingMemoryBound(to: Target.self)
            if target.pointee.rest == nil {
                target.pointee.page.text(UnsafeBufferPointer(start: text, count: Int(length)))
            }
        }
        events.ignorableWhitespace = events.characters
        parser.pointee.sax.pointee = events

        var target = Target(page: page, parser: parser)
        withUnsafeMutablePointer(to: &target) { target in
            parser.pointee.userData = UnsafeMutableRawPointer(target)
            htmlParseDocument(parser)
        }
        page = target.page
        if let rest = target.rest {
            page.append(unparsed: source[min(rest, source.count)...].drop { "/>".utf8.contains($0) })
        }
    }

    /// Where events go; borrowed by the parser while it runs.
    private struct Target {
        var page: HTMLText
        let parser: htmlParserCtxtPtr
        /// Where the parser was stopped; nil if it was not.
        private(set) var rest: Int?

        mutating func stop() {
            rest = max(0, xmlByteConsumed(parser))
            xmlStopParser(parser)
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
