import Glibc

/// The programs under test.
public enum Products {
    /// The build directory, beside the test runner.
    public static let directory: String = {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let runner = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return String(runner[..<(runner.lastIndex(of: "/") ?? runner.endIndex)])
    }()

    public static func path(_ program: String) -> String { "\(directory)/\(program)" }
}
