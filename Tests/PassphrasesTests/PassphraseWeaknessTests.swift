import Testing

@testable import Passphrases

@Suite struct PassphraseWeaknessTests {
    private func weakness(_ text: String) -> PassphraseWeakness? {
        PassphraseWeakness.find(in: Array(text.utf8), context: ["Müller & Söhne", "acme.key", "rita"])
    }

    @Test(arguments: [
        "sofa nickel tundra pilot", "Fünfzehn Gänse schnattern", "7hK#q9vLm2Xw4Rt", "ярко летит воробей",
        "three otters juggle lanterns", "a-stapler-met-a-badger", "my password is a long otter story",
        "müller buys violet curtains", "sofa nickel tundra pilot sofa nickel tundra pilot",
        "novel: correct horse battery staple",
    ])
    func `a long phrase that is not known is good enough, whatever it consists of`(_ text: String) {
        #expect(weakness(text) == nil)
    }

    @Test(arguments: [("", 0), ("x", 1), ("correct-horse", 13), ("sofa nickel tu", 14), ("Über-Schloß-14", 14)])
    func `14 characters are too short, counted as people count them`(_ text: String, _ count: Int) {
        #expect(weakness(text) == .short(count))
    }

    @Test(arguments: [
        "correct horse battery staple", "Correct-Horse-Battery-Staple!", "demo: correct horse battery staple",
        "passwordpassword", "P@ssw0rdP@ssw0rd", "my password 123456", "welcome welcome 1", "letmeinletmein99",
        "aaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabc", "abcdefghijklmnopq", "zyxwvutsrqponmlk", "123456789012345678",
        "qwertyuiopasdfghjkl", "asdfghjklasdfghjkl", "1234567890qwertyuiop", "abababababababab1", "xy xy xy xy xy xy",
        "acme acme acme key", "Müller & Söhne 2026", "leverctl-rita-acme", "The quick brown fox jumps",
        "111111112222222233333333", "lever milter lever milter",
    ])
    func `what is tried first is refused: known phrases, words of the place, repetitions, sequences`(_ text: String) {
        #expect(weakness(text) == .guessable)
    }

    @Test func `the message says what to do, and not what was typed`() {
        #expect("\(PassphraseWeakness.short(1))".hasPrefix("the passphrase has 1 character, but"))
        #expect("\(PassphraseWeakness.short(3))".contains("take 15 or more; five or more words"))
        #expect("\(PassphraseWeakness.guessable)".contains("five or more words"))
    }
}
