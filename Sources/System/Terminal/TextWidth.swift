import CLinux
import Glibc

extension StringProtocol {
    /// The columns that a terminal needs for the text: two for a wide character (CJK, emoji), none for a combining mark. A
    /// tab counts as one, and so does what the C library does not know.
    public var columns: Int {
        if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
        return TextWidth.measured { width in
            var (columns, last) = (0, 0)
            for scalar in unicodeScalars {
                if scalar.value == 0xfe0f {
                    // Asks for the picture of a character that is a narrow sign as well.
                    columns += last == 1 ? 1 : 0
                } else {
                    last = width(scalar)
                    columns += last
                }
            }
            return columns
        }
    }
}

/// wcwidth(3), in the locale that is part of the C library itself: the user's may know ASCII alone.
private enum TextWidth {
    // A locale is never changed once it is made.
    nonisolated(unsafe) private static let locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nil)

    static func measured<Value>(_ body: ((Unicode.Scalar) -> Int) -> Value) -> Value {
        guard let locale else { return body { _ in 1 } }
        let before = uselocale(locale)
        defer { uselocale(before) }
        return body { scalar in
            let width = Int(CLinux_wcwidth(scalar.value))
            return width < 0 ? 1 : width
        }
    }
}
