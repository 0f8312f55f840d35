import Glibc
import Store
import Testing

@Suite struct LoginPasswordTests {
    @Test func `a verifier is SCRAM's, and does not hold the password`() throws {
        let password = LoginPassword.generate()
        let verifier = try LoginPassword.verifier(of: password)
        #expect(
            verifier.wholeMatch(
                of: #/SCRAM-SHA-256\$4096:[A-Za-z0-9+\/]{22}==\$[A-Za-z0-9+\/]{43}=:[A-Za-z0-9+\/]{43}=/#) != nil)
        #expect(!verifier.contains(password))
        #expect(try LoginPassword.verifier(of: password) != verifier, "salted")
    }

    @Test func `a password is 32 letters and digits, and a new one each time`() {
        let passwords = (0..<100).map { _ in LoginPassword.generate() }
        #expect(passwords.allSatisfy { $0.count == 32 && $0.utf8.allSatisfy { isalnum(Int32($0)) != 0 } })
        #expect(Set(passwords).count == 100)
    }
}
