import CLibytnef
import Glibc

/// RTF as messages hold it (MS-OXRTFCP).
enum CompressedRTF {
    /// Nil if it is damaged.
    static func decompressed(_ bytes: [UInt8]) -> [UInt8]? {
        var reader = LittleEndianReader(bytes[...])
        guard let size = reader.word(), let length = reader.word(), let kind = reader.word(), reader.word() != nil,
            length > 0, length <= TNEFLimits.rtf
        else { return nil }
        let end = max(16, min(Int(size) + 4, bytes.count))
        switch kind {
        case 0x414c_454d:
            // Not compressed. The library copies as many bytes as the header says, whether they are there or not.
            return Array(bytes[16..<end].prefix(Int(length)))
        case 0x7546_5a4c:
            return expanded(bytes[..<end], length: min(Int(length), end * TNEFLimits.expansion))
        default: return nil
        }
    }

    /// The library gives up, and writes to standard output, where a text ends before its length, and reads references
    /// of two bytes without looking whether there are two. So its copy goes on with zeros, which stand for NULs.
    private static func expanded(_ bytes: ArraySlice<UInt8>, length: Int) -> [UInt8]? {
        var copy = Array(bytes) + Array(repeating: 0, count: length / 8 * 9 + 16)
        let sizes = UInt64(length) << 32 | UInt64(copy.count - 4)
        for index in 0..<8 { copy[index] = UInt8(truncatingIfNeeded: sizes >> (index * 8)) }
        var count: Int32 = 0
        let result = copy.withUnsafeMutableBufferPointer { buffer in
            var value = variableLength(data: buffer.baseAddress, size: Int32(buffer.count))
            return DecompressRTF(&value, &count)
        }
        guard let result else { return nil }
        defer { free(result) }
        let text = UnsafeBufferPointer(start: result, count: Int(count))
        return Array(text.prefix((text.lastIndex { $0 != 0 } ?? -1) + 1))
    }
}
