import Glibc

/// A converter of glibc's iconv. Sole owner; one thread at a time.
///
/// It makes the tables of `CodePointTable`, and converts the charsets that have no decoder here.
struct Iconv: ~Copyable {
    private let handle: iconv_t

    /// Nil if iconv does not know the charset.
    init?(from charset: String, to target: String = "UTF-8") {
        guard let handle = iconv_open(target, charset), handle != iconv_t(bitPattern: -1) else { return nil }
        self.handle = handle
    }

    deinit { iconv_close(handle) }

    /// The one code point that the bytes are; nil if they are none or several.
    func codePoint(of bytes: [UInt8]) -> UInt32? {
        var text = [UInt32](repeating: 0, count: 4)
        let count = text.withUnsafeMutableBytes { convertWhole(bytes, into: $0) }
        return count == 4 ? text[0] : nil
    }

    /// Bytes written; nil if the input is not whole and valid.
    private func convertWhole(_ bytes: [UInt8], into output: UnsafeMutableRawBufferPointer) -> Int? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: max(1, bytes.count)) { input in
            for (index, byte) in bytes.enumerated() { input[index] = CChar(bitPattern: byte) }
            var next = input.baseAddress
            var left = bytes.count
            var free = output.baseAddress?.assumingMemoryBound(to: CChar.self)
            var space = output.count
            iconv(handle, nil, nil, nil, nil)
            guard iconv(handle, &next, &left, &free, &space) != -1, left == 0,
                // Some hold a letter back until they know that no accent follows.
                iconv(handle, nil, nil, &free, &space) != -1
            else { return nil }
            return output.count - space
        }
    }

    /// Bytes that are not valid become U+FFFD, and are counted as one error each.
    func convert(_ bytes: [UInt8], into text: inout DecodedText) {
        var input = bytes.map { CChar(bitPattern: $0) }
        var buffer = [CChar](repeating: 0, count: 16_384)
        input.withUnsafeMutableBufferPointer { input in
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
                        ? iconv(handle, &next, &left, &free, &space) : iconv(handle, nil, nil, &free, &space)
                    made = buffer.count - space
                    return status == -1 ? errno : 0
                }
                text.append(utf8: buffer[..<made].lazy.map { UInt8(bitPattern: $0) })
                if status == 0, left == 0, made == 0 { return }
                if status == EILSEQ || status == EINVAL {
                    text.appendError()
                    let skipped = min(1, left)
                    next = next?.advanced(by: skipped)
                    left -= skipped
                }
            }
        }
    }
}
