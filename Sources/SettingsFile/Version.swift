/// The version of the programs and the package, from the file VERSION.
public enum Version {
    public static let current = String(
        decoding: PackageResources.VERSION.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
}
