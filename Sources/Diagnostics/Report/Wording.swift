import Glibc

func errorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

/// `about 5 minutes`, for people.
func span(_ seconds: Int) -> String {
    switch seconds {
    case ..<120: "\(max(0, seconds)) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
}

/// Bytes, for people.
func size(_ bytes: Int) -> String {
    switch bytes {
    case ..<10_240: "\(bytes) bytes"
    case ..<10_485_760: "\(bytes >> 10) KiB"
    case ..<10_737_418_240: "\(bytes >> 20) MiB"
    default: "\(bytes >> 30) GiB"
    }
}

/// What is kept of a text from elsewhere: one line.
func oneLine(_ text: String) -> String {
    text.split { $0.isNewline }.map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }.joined(separator: "; ")
}
