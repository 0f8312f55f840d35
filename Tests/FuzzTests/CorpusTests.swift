import Foundation
import TestSupport
import Testing

/// The fuzzer's kept inputs, run without it.
@Suite struct CorpusTests {
    private static let corpus = Bundle.module.resourcePath! + "/Corpus"

    @Test(arguments: FuzzTarget.allCases)
    func `every kept input of a fuzz target holds its invariants`(_ target: FuzzTarget) throws {
        let directory = "\(Self.corpus)/\(target.rawValue)"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.count >= 5)
        for name in names.sorted() {
            let input = try contents(of: "\(directory)/\(name)")
            #expect(throws: Never.self, "\(target.rawValue)/\(name)") { try target.run(input) }
        }
    }

    @Test(arguments: FuzzTarget.allCases)
    func `every fuzz target survives empty input and long runs of one byte`(_ target: FuzzTarget) throws {
        for byte in [nil, 0, 1, 2, UInt8(ascii: "<"), UInt8(ascii: "("), UInt8(ascii: ">"), 0xff] {
            try target.run(byte.map { Array(repeating: $0, count: 20_000) } ?? [])
        }
    }
}
