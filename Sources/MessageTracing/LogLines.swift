import Glibc

/// The lines of a log that have a certain text. Of the others nothing is kept.
enum LogLines {
    /// `read` fills a buffer with the next bytes and returns how many; 0 at the end. Calls `body` with each line that holds
    /// one of the texts, without its line feed.
    static func forEach(
        holding texts: [String], _ body: (String) -> Void,
        read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws {
        // One byte more than is read, for the NUL of the last line.
        var buffer = [CChar](repeating: 0, count: 65_537)
        var filled = 0

        func take(_ line: Range<Int>) {
            buffer[line.upperBound] = 0
            let text: String? = buffer.withUnsafeBufferPointer { bytes in
                let start = bytes.baseAddress! + line.lowerBound
                guard texts.contains(where: { strstr(start, $0) != nil }) else { return nil }
                return String(
                    decoding: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[line]), as: UTF8.self)
            }
            if let text { body(text) }
        }

        while true {
            // A line that is longer than the buffer.
            if filled == buffer.count - 1 { buffer += [CChar](repeating: 0, count: buffer.count) }
            let count = try buffer.withUnsafeMutableBytes { bytes in
                try read(UnsafeMutableRawBufferPointer(rebasing: bytes[filled..<bytes.count - 1]))
            }
            guard count > 0 else { break }
            filled += count
            var start = 0
            while let end = buffer[start..<filled].firstIndex(of: 10) {
                take(start..<end)
                start = end + 1
            }
            buffer.replaceSubrange(0..<(filled - start), with: Array(buffer[start..<filled]))
            filled -= start
        }
        if filled > 0 { take(0..<filled) }
    }
}
