import Core

/// A raw message, divided into its header and its body.
struct RawMessage {
    let header: HeaderSection
    let body: ArraySlice<UInt8>

    init(_ raw: [UInt8]) {
        var header = HeaderSection()
        body = raw[HeaderReader.read(raw) { header.append(name: $0, value: $1) }.body...]
        self.header = header
    }
}
