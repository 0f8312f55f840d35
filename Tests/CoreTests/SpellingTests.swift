import Core
import Testing

@Suite struct SpellingTests {
    @Test(arguments: [
        ("timelien", ["timeline"]), ("TIMELINE", ["timeline"]), ("snd", ["send"]), ("hsot", ["host"]),
        ("time", ["timeline"]), ("ti", []), ("", []), ("xyzzy", []), ("hos", ["host"]), ("sand", ["send"]),
    ])
    func `a mistyped word is taken for the closest one`(_ word: String, _ closest: [String]) {
        #expect(Spelling.closest(to: word, among: ["timeline", "send", "host"]) == closest)
    }

    @Test func `words that are equally close are all given`() {
        #expect(Spelling.closest(to: "acne", among: ["Acme", "Acre", "Globex"]) == ["Acme", "Acre"])
    }

    @Test(arguments: [([], ""), (["a"], "'a'"), (["a", "b"], "'a' or 'b'"), (["a", "b", "c"], "'a', 'b' or 'c'")])
    func `alternatives read as a sentence has them`(_ words: [String], _ text: String) {
        #expect(Spelling.alternatives(words) == text)
    }
}
