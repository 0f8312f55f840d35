import Core

/// A Content-Type or Content-Disposition field (RFC 2045 section 5.1, RFC 2183): a value, and parameters by RFC 2231 as
/// well as in the forms that mail programs write instead. Reading never fails; what a field lacks is empty or nil.
///
/// A type without a slash stays as it is written (`pdf`), so that whoever reads it can tell it from a missing type.
struct ContentField {
    /// In lower case, without comments and blanks: `text/plain`, `attachment`. Empty if there is none.
    let value: String
    private let parameters: [String: Parameter]
    /// The label for bytes beyond ASCII without one.
    private let charset: String?

    init(_ value: some Collection<UInt8>, charset: String? = nil) {
        var lexer = ContentFieldLexer(Array(value))
        self.value = String(decoding: lexer.value(), as: UTF8.self)
        var parameters: [String: Parameter] = [:]
        while let found = lexer.parameter() {
            let name = ParameterName(found.name)
            parameters[name.base, default: Parameter()].add(found.value, name)
        }
        self.parameters = parameters
        self.charset = charset
    }

    /// A parameter by its name in lower case, decoded, on one line. If it is there several times the first counts; one
    /// by RFC 2231 counts before one without.
    subscript(_ parameter: String) -> String? { parameters[parameter]?.text(charset: charset) }
}

/// `filename`, `filename*`, `filename*0` and `filename*0*` (RFC 2231 section 4.1).
private struct ParameterName {
    let base: String
    /// The number of a section.
    var section: Int?
    var isExtended = false

    init(_ name: ArraySlice<UInt8>) {
        let parts = name.split(separator: UInt8(ascii: "*"), maxSplits: 2, omittingEmptySubsequences: false)
        base = String(decoding: parts[0].lazy.map(\.asciiLowercased), as: UTF8.self)
        guard parts.count > 1 else { return }
        section = Int(String(decoding: parts[1].prefix(9), as: UTF8.self))
        isExtended = parts.count > 2 || section == nil
    }
}

/// All that a field says of one parameter.
private struct Parameter {
    private var plain: [UInt8]?
    private var extended: [UInt8]?
    private var sections: [(number: Int, value: [UInt8], isExtended: Bool)] = []

    mutating func add(_ value: [UInt8], _ name: ParameterName) {
        if let number = name.section {
            sections.append((number, value, name.isExtended))
        } else if name.isExtended {
            extended = extended ?? value
        } else {
            plain = plain ?? value
        }
    }

    func text(charset: String?) -> String {
        if let extended { return PercentText(extended).text(charset: charset) }
        if !sections.isEmpty { return joined(charset: charset) }
        guard let plain else { return "" }
        // The form of RFC 2231 without its asterisk.
        if let text = PercentText(declaring: plain) { return text.text(charset: charset) }
        return HeaderText.decode(plain, charset: charset)
    }

    /// The sections in the order of their numbers, of which the first names the charset.
    private func joined(charset: String?) -> String {
        var ordered = sections.enumerated().sorted { ($0.element.number, $0.offset) < ($1.element.number, $1.offset) }
            .map(\.element)
        ordered = ordered.enumerated().filter { $0 == 0 || ordered[$0 - 1].number != $1.number }.map(\.element)
        guard ordered.contains(where: \.isExtended) else {
            let value = Array(ordered.map(\.value).joined())
            if let text = PercentText(declaring: value) { return text.text(charset: charset) }
            return HeaderText.decode(value, charset: charset)
        }
        var text = PercentText(ordered[0].isExtended ? ordered[0].value : [])
        if !ordered[0].isExtended { text.bytes = ordered[0].value }
        for section in ordered.dropFirst() {
            text.bytes += section.isExtended ? PercentText.decoded(section.value[...]) : section.value
        }
        return text.text(charset: charset)
    }
}
