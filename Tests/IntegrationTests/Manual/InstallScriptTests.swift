import Foundation
import TestSupport
import Testing

/// deploy/install with a swift and an apt-get that only say what they were told to.
@Suite struct InstallScriptTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        var swift = "echo 'Swift version 6.3 (swift-6.3-RELEASE)'"
        /// What ldd prints of each of Swift's programs.
        var libraries = ""
        /// What apt-get would do.
        var simulation = ""
        let answer: String
    }

    static let cases = [
        Case(testDescription: "nothing is missing", answer: ""),
        Case(
            testDescription: "apt would remove another mail server for Postfix",
            simulation: "Remv exim4-base [4.98]\nInst postfix (3.10)", answer: "apt would remove packages that conflict: exim4-base"
        ),
        Case(testDescription: "Swift is old", swift: "echo 'Swift version 5.10.1'", answer: "Swift 5.10 is too old"),
        Case(
            testDescription: "Swift does not run", swift: "echo 'GLIBC_2.38 not found' >&2; exit 1",
            answer: "does not run: GLIBC_2.38 not found"),
        Case(
            testDescription: "Swift lacks a library", swift: "exit 127", libraries: "\tlibxml2.so.2 => not found",
            answer: "lacks libxml2.so.2, which is in libxml2\n"),
        Case(
            testDescription: "Swift lacks a library that no package is known for", swift: "exit 127",
            libraries: "\tlibfuture.so.9 => not found", answer: "Swift lacks libfuture.so.9; install what has it"),
    ]

    @Test(arguments: cases)
    func `what keeps packages from being installed is told, and nothing is changed`(_ case: Case) throws {
        let decoys = try TemporaryDirectory("install")
        func decoy(_ program: String, _ script: String) throws {
            chmod(try decoys.write(program, "#!/bin/sh\n\(script)\n"), 0o755)
        }
        try decoys.write("simulation", `case`.simulation)
        try decoys.write("libraries", `case`.libraries)
        try decoys.write("changes", "")
        try decoy("swift", `case`.swift)
        try decoy("ldd", "cat '\(decoys.file("libraries"))'")
        try decoy(
            "apt-get",
            """
            case "$*" in
                'satisfy -s '*) cat '\(decoys.file("simulation"))' ;;
                *update) ;;
                *) echo "$*" >>'\(decoys.file("changes"))' ;;
            esac
            """)
        let command = try Command.run(
            ["\(Repository.path)/deploy/install", "build"],
            environment: ["PATH": "\(decoys.path):/usr/sbin:/usr/bin:/sbin:/bin"])
        #expect(command.status == (`case`.answer.isEmpty ? 0 : 1))
        #expect(`case`.answer.isEmpty ? command.errors.isEmpty : command.errors.contains(`case`.answer))
        #expect(try contents(of: decoys.file("changes")).isEmpty)
    }
}
