import Core

/// A raw message whose lines end in CRLF, in two.
struct RawMessage {
    private(set) var header = HeaderSection()
    let body: ArraySlice<UInt8>

    init(_ raw: [UInt8]) {
        let end = raw.firstRange(of: Array("\r\n\r\n".utf8))
        body = raw[(end?.upperBound ?? raw.count)...]
        var field: [UInt8] = []
        func finish(_ header: inout HeaderSection) {
            guard let name = FieldName(startOf: field) else { return }
            header.append(name: field.prefix(name.length), value: field.dropFirst(name.colon + 1))
        }
        for line in raw[..<(end?.lowerBound ?? raw.count)].split(separator: UInt8(ascii: "\n")) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.first?.isBlank ?? false {
                field += [UInt8(ascii: "\n")] + line
            } else {
                finish(&header)
                field = Array(line)
            }
        }
        finish(&header)
    }
}
