/// The checkout that the tests were built from.
public enum Repository {
    /// Its absolute path, without a slash at the end.
    public static let path: String = {
        let source = #filePath
        return String(source.prefix(source.count - "/Tests/TestSupport/Processes/Repository.swift".count))
    }()

    /// The text of a file, by its path from there.
    public static func text(of file: String) throws -> String {
        String(decoding: try contents(of: "\(path)/\(file)"), as: UTF8.self)
    }
}
