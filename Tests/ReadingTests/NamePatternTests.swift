import Reading
import Testing

@Suite struct NamePatternTests {
    @Test(arguments: [
        ("anna", "Anna Berg", .words), ("BERG anna", "Anna Berg", .words), ("ann", "Anna Berg", .part),
        ("anna", "Susanna Meyer", .part), ("muller", "Jürgen Müller", .words), ("mueller", "Jürgen Müller", .words),
        ("Müller", "MÜLLER, Jürgen", .words), ("müller", "Jurgen Mu\u{308}ller", .words),
        ("strasse", "Eva Straße", .words), ("STRAẞE", "Eva Strasse", .words), ("soren", "Søren Kjær", .words),
        ("soeren kjaer", "Søren Kjær", .words), ("lodz", "Łódź", .words), ("istanbul", "İSTANBUL", .words),
        ("o'brien", "Conan O’Brien", .words), ("jean-luc", "Jean Luc Picard", .words), ("ﬁnn", "Finn", .words),
        ("ａｎｎａ", "Anna", .words), ("ΣΊΣΥΦΟΣ", "Σίσυφος", .words), ("иван", "ИВАН", .words), ("か", "がわ", nil),
        ("田中", "田中太郎", .part), ("anna berger", "Anna Berg", nil), ("zoe", "Anna Berg", nil), ("x", "", nil),
    ] as [(String, String, NamePattern.Fit?)])
    func `words of a name are found in any order and case, with and without marks`(
        _ pattern: String, _ name: String, _ fit: NamePattern.Fit?
    ) throws {
        #expect(try #require(NamePattern(pattern)).fit(name) == fit)
    }

    @Test(arguments: ["", " ", "--", "…"]) func `a text without a letter or digit is no pattern`(text: String) {
        #expect(NamePattern(text) == nil)
    }
}
