import CGMime
import Glibc

/// Decodes text whose character set label may be wrong.
///
/// Labels mean what they mean to browsers (WHATWG Encoding Standard, section 4.2, "Names and labels"): the superset
/// that covers what is really sent under the name. Decoding never fails: bytes that fit no character set become U+FFFD.
enum Charset {
    static func decode(_ bytes: [UInt8], label: String?) -> String {
        let text = text(bytes, in: label.flatMap(name))
        return text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// Whether text in that charset can be decoded.
    static func isKnown(_ label: String) -> Bool {
        guard let name = name(label), let converter = iconv_open("UTF-8", name), converter != iconv_t(bitPattern: -1)
        else { return false }
        iconv_close(converter)
        return true
    }

    /// The label that an HTML page declares near its start, as `<meta charset=…>` or in the older form.
    static func label(inHTML bytes: [UInt8]) -> String? {
        let start = bytes.prefix(1024).map { $0 | 0x20 }
        guard let mark = start.firstRange(of: Array("charset=".utf8.map { $0 | 0x20 })) else { return nil }
        let value = bytes[mark.upperBound...].prefix(64).drop { "\"' ".utf8.contains($0) }
        let label = String(decoding: value.prefix(while: isLabelCharacter), as: UTF8.self)
        // The declaration was readable as ASCII, so it cannot be UTF-16.
        return label.lowercased().hasPrefix("utf-16") ? "utf-8" : label
    }

    private static func text(_ bytes: [UInt8], in name: String?) -> String {
        // Japanese mail without a label is often ISO-2022-JP.
        if name == nil, bytes.firstRange(of: [0x1b, UInt8(ascii: "$")]) != nil,
            let text = convert(bytes, from: "iso-2022-jp", lossy: false)
        {
            return text
        }
        // Well-formed UTF-8 beyond ASCII is UTF-8, whatever single-byte set the label names.
        let utf8 = String(validating: bytes, as: UTF8.self)
        if let utf8, name.map(isSingleByte) ?? true { return utf8 }
        if let name, name != "utf-8" {
            if let text = convert(bytes, from: name, lossy: false) { return text }
            if let utf8 { return utf8 }
            if let text = convert(bytes, from: name, lossy: true) { return text }
        } else {
            let repaired = String(decoding: bytes, as: UTF8.self)
            if repaired.unicodeScalars.contains(where: { !$0.isASCII && $0 != "\u{FFFD}" }) { return repaired }
        }
        return utf8 ?? convert(bytes, from: "windows-1252", lossy: true) ?? String(decoding: bytes, as: UTF8.self)
    }

    /// iconv's name for a label; nil if the label says nothing.
    private static func name(_ label: String) -> String? {
        let label = label.lowercased()
        guard !label.isEmpty, label.utf8.count <= 40, label.utf8.allSatisfy(isLabelCharacter) else { return nil }
        return supersets[label] ?? label
    }

    private static let supersets: [String: String?] = [
        "utf8": "utf-8", "unicode-1-1-utf-7": "utf-7",
        "us-ascii": "windows-1252", "ascii": "windows-1252", "ansi_x3.4-1968": "windows-1252",
        "iso-8859-1": "windows-1252", "iso_8859-1": "windows-1252", "latin1": "windows-1252",
        "iso-8859-9": "windows-1254", "iso-8859-8-i": "iso-8859-8", "tis-620": "windows-874",
        "iso-8859-11": "windows-874",
        "gb2312": "gb18030", "gb_2312-80": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5-hkscs",
        "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
        "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "euc-kr": "cp949", "x-mac-roman": "macintosh",
        "unknown": nil, "unknown-8bit": nil, "x-unknown": nil, "8bit": nil, "default": nil, "binary": nil,
    ]

    private static func isSingleByte(_ name: String) -> Bool {
        ["utf-8", "windows-125", "cp125", "iso-8859-", "koi8-", "macintosh"].contains(where: name.hasPrefix)
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_.:+".utf8.contains(byte)
        }
    }

    /// Nil if iconv does not know the set and, unless `lossy`, if a byte is invalid in it.
    private static func convert(_ bytes: [UInt8], from name: String, lossy: Bool) -> String? {
        guard let converter = iconv_open("UTF-8", name), converter != iconv_t(bitPattern: -1) else { return nil }
        defer { iconv_close(converter) }

        let unit = name.hasPrefix("utf-16") ? 2 : name.hasPrefix("utf-32") ? 4 : 1
        var input = bytes.map { CChar(bitPattern: $0) }
        var output: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: 16_384)
        let isComplete = input.withUnsafeMutableBufferPointer { input in
            var next = input.baseAddress
            var left = input.count
            while true {
                var made = 0
                let status = buffer.withUnsafeMutableBufferPointer { buffer in
                    var free = buffer.baseAddress
                    var space = buffer.count
                    // A call without input flushes the state of a stateful set.
                    let status =
                        left > 0
                        ? iconv(converter, &next, &left, &free, &space)
                        : iconv(converter, nil, nil, &free, &space)
                    made = buffer.count - space
                    return status == -1 ? errno : 0
                }
                output.append(contentsOf: buffer[..<made].lazy.map { UInt8(bitPattern: $0) })
                if status == 0, left == 0, made == 0 { return true }
                if status == EILSEQ || status == EINVAL {
                    guard lossy else { return false }
                    output.append(contentsOf: "\u{FFFD}".utf8)
                    let skipped = min(unit, left)
                    next = next?.advanced(by: skipped)
                    left -= skipped
                }
            }
        }
        return isComplete ? String(decoding: output, as: UTF8.self) : nil
    }
}
