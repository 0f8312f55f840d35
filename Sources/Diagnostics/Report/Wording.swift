import Glibc

/// The system's text for an error number.
func errorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// A duration for people: `5 min`.
func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(max(0, seconds)) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
}

/// A number of bytes for people: `10 MiB`.
func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<10_240: "\(bytes) bytes"
    case ..<10_485_760: "\(bytes >> 10) KiB"
    case ..<10_737_418_240: "\(bytes >> 20) MiB"
    default: "\(bytes >> 30) GiB"
    }
}

/// Text from elsewhere, on one line.
func oneLine(_ text: String) -> String {
    text.split { $0.isNewline }.map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
}

extension String {
    /// Quoted as one word of a shell command.
    var quotedForShell: String {
        let plain =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "-_.".utf8.contains(byte)
                }
            }
        if plain { return self }
        return "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
