import Glibc

/// The program that `deploy/fuzz` runs: libFuzzer, with the target that the environment names. Its arguments are
/// libFuzzer's.
@main
enum LibFuzzer {
    static func main() {
        guard target != nil else {
            let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
            fatalError("LEVER_FUZZ_TARGET must be one of: \(names)")
        }
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, testOneInput))
    }

    fileprivate static let target = getenv("LEVER_FUZZ_TARGET").flatMap { FuzzTarget(rawValue: String(cString: $0)) }
}

/// libFuzzer reports a trap as a finding.
private func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try LibFuzzer.target!.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("\(LibFuzzer.target!): \(error)")
    }
    return 0
}

/// libFuzzer's entry for programs with a `main` of their own (FuzzerInterface of compiler-rt).
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
