import Glibc
import System
import TestSupport
import Testing

@testable import Passphrases

/// With a program that takes arguments and input as secret-tool does. docs/explanation/trials.md tells of the real one.
@Suite struct DesktopKeyringTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("desktop")
    }

    private func keyring(_ script: String, timeout: Double = 30) throws -> DesktopKeyring {
        DesktopKeyring(program: try directory.writeProgram("secret-tool", script), timeout: timeout)
    }

    /// Keeps secrets as files named by their attributes.
    private func working() throws -> DesktopKeyring {
        try keyring(
            """
            cd \(directory.path) || exit 9
            action=$1; shift
            if [ "$action" = store ]; then [ "$1" = --label ] || exit 8; printf %s "$2" > label; shift 2; fi
            [ "$1 $2 $3" = "application leverctl key-file" ] && [ $# = 4 ] || exit 7
            case $action in
            store) cat > "secret-$4" ;;
            lookup) [ -e "secret-$4" ] || exit 1; cat "secret-$4" ;;
            clear) [ -e "secret-$4" ] || exit 1; rm "secret-$4" ;;
            *) exit 6 ;;
            esac
            """)
    }

    @Test func `a passphrase is remembered, replaced and forgotten, whatever characters it has`() throws {
        let keyring = try working()
        #expect(try keyring.passphrase(of: "ab12") == nil)
        #expect(try !keyring.forget("ab12"))
        for text in ["sofa nickel", "tündra; rm -rf $HOME `id` 'x' \"y\" \\", String(repeating: "x", count: 4096)] {
            try keyring.remember(Array(text.utf8), of: "ab12", label: "a private key")
            #expect(try keyring.passphrase(of: "ab12") == Array(text.utf8))
        }
        #expect(try contents(of: directory.file("label")) == Array("a private key".utf8))
        #expect(try keyring.forget("ab12"))
        #expect(try keyring.passphrase(of: "ab12") == nil)
    }

    @Test func `the passphrase is no argument, which other users could see`() throws {
        let keyring = try keyring("echo \"$@\" > \(directory.path)/arguments; cat > /dev/null")
        try keyring.remember(Array("sofa nickel".utf8), of: "ab12", label: "a key")
        let arguments = String(decoding: try contents(of: directory.file("arguments")), as: UTF8.self)
        #expect(arguments == "store --label a key application leverctl key-file ab12\n")
    }

    @Test func `without a desktop session the error says what secret-tool says, and what to do`() throws {
        let keyring = try keyring("echo 'secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY' >&2; exit 1")
        for action in [
            { _ = try keyring.passphrase(of: "ab12") }, { try keyring.remember([1], of: "ab12", label: "") },
            { _ = try keyring.forget("ab12") },
        ] {
            let error = #expect(throws: PassphraseStoreError.self) { try action() }
            #expect(error?.description.contains("(secret-tool: Cannot autolaunch D-Bus without X11 $DISPLAY)") == true)
            #expect(error?.description.contains("set 'passphrase_store' to keyring or none") == true)
        }
    }

    @Test func `a program that is missing, or does not answer, is told`() throws {
        let missing = DesktopKeyring(program: directory.file("none"), timeout: 1)
        let absent = #expect(throws: PassphraseStoreError.self) { try missing.passphrase(of: "ab12") }
        #expect(absent?.description.contains("apt-get install libsecret-tools") == true)
        let hanging = try keyring("exec sleep 600", timeout: 0.2)
        let late = #expect(throws: PassphraseStoreError.self) { try hanging.passphrase(of: "ab12") }
        #expect(late?.description.contains("did not answer") == true)
    }

    @Test func `a program that does not read its input does no harm`() throws {
        let longest = [UInt8](repeating: 1, count: ProgramRun.inputLimit)
        try keyring("exit 0").remember(longest, of: "ab12", label: "")
        #expect(throws: PassphraseStoreError.self) {
            try keyring("exit 0").remember(longest + [1], of: "ab12", label: "")
        }
    }
}
