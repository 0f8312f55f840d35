import CLibyaml

/// The subset of YAML that the configuration uses: one mapping of names to scalars or lists of scalars, with the line
/// of each key. Parsed by libyaml. Nested mappings and further documents are not supported.
struct YAMLDocument {
    enum Value {
        case scalar(String)
        case list([String])
    }

    struct Entry {
        var key: String
        var value: Value
        /// The key's line, from 1.
        var line: Int
    }

    struct SyntaxError: Error {
        var line: Int
        var problem: String
    }

    private(set) var entries: [Entry] = []

    init(_ text: [UInt8]) throws(SyntaxError) {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw SyntaxError(line: 0, problem: "out of memory") }
        defer { yaml_parser_delete(&parser) }

        var document = yaml_document_t()
        // libyaml borrows the text while it parses, so both calls are inside the closure.
        let loaded = text.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            return yaml_parser_load(&parser, &document) == 1
        }
        guard loaded else {
            let problem = parser.problem.map { String(cString: $0) } ?? "unreadable"
            throw SyntaxError(line: Int(parser.problem_mark.line) + 1, problem: problem)
        }
        defer { yaml_document_delete(&document) }
        guard let root = yaml_document_get_root_node(&document) else { return }
        try read(root.pointee, of: &document)
    }

    private mutating func read(_ root: yaml_node_t, of document: inout yaml_document_t) throws(SyntaxError) {
        guard root.type == YAML_MAPPING_NODE else {
            throw SyntaxError(line: Self.line(root), problem: "expected lines of the form 'key: value'")
        }
        let pairs = root.data.mapping.pairs
        for pair in UnsafeBufferPointer(start: pairs.start, count: pairs.top - pairs.start) {
            let key = yaml_document_get_node(&document, pair.key).pointee
            let value = yaml_document_get_node(&document, pair.value).pointee
            guard let name = Self.scalar(key) else {
                throw SyntaxError(line: Self.line(key), problem: "a key must be a word")
            }
            if let text = Self.scalar(value) {
                entries.append(Entry(key: name, value: .scalar(text), line: Self.line(key)))
            } else if value.type == YAML_SEQUENCE_NODE {
                let items = value.data.sequence.items
                var list: [String] = []
                for item in UnsafeBufferPointer(start: items.start, count: items.top - items.start) {
                    let node = yaml_document_get_node(&document, item).pointee
                    guard let text = Self.scalar(node) else {
                        throw SyntaxError(line: Self.line(node), problem: "'\(name)' must be a list of plain values")
                    }
                    list.append(text)
                }
                entries.append(Entry(key: name, value: .list(list), line: Self.line(key)))
            } else {
                throw SyntaxError(line: Self.line(key), problem: "'\(name)' must be a value or a list")
            }
        }
    }

    private static func line(_ node: yaml_node_t) -> Int { Int(node.start_mark.line) + 1 }

    private static func scalar(_ node: yaml_node_t) -> String? {
        guard node.type == YAML_SCALAR_NODE else { return nil }
        let scalar = node.data.scalar
        return String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
    }
}
