/// What mail programs write around quotations, in the languages of `phrases.tsv`, in the form of `Wording.normalized`.
struct QuotationPhrases {
    /// What a label of a copied header stands for.
    struct Fields: OptionSet {
        let rawValue: UInt8

        static let from = Fields(rawValue: 1)
        static let date = Fields(rawValue: 2)
        static let to = Fields(rawValue: 4)
        static let copy = Fields(rawValue: 8)
        static let subject = Fields(rawValue: 16)

        static let required: Fields = [.from, .date, .to, .subject]
    }

    /// A label's meaning in one language; some mean different things in two languages.
    struct Meaning {
        let language: Int
        let field: Fields
    }

    static let all = QuotationPhrases(table: PackageResources.phrases_tsv)

    /// By label, without its colon.
    private(set) var labels: [String: [Meaning]] = [:]
    /// Labels that every language has.
    let commonLabels: [String: Fields] = ["cc": .copy, "bcc": .copy]
    /// The words of ruled lines above an original: "original message".
    private(set) var separators: Set<String> = []
    /// Lines above an original, without their colon: "begin forwarded message".
    private(set) var beginnings: Set<String> = []
    /// The words of ruled lines below an original.
    private(set) var ends: Set<String> = []
    /// The first words of an attribution, each with a blank at its end, by their first word.
    private(set) var openers: [Substring: [String]] = [:]
    /// Verbs as lists of words, by their first word, the longest first.
    private(set) var verbs: [Substring: [[Substring]]] = [:]
    /// Verbs of scripts without blanks between words; they end the attribution.
    private(set) var endings: [String] = []
    /// Number of languages.
    private(set) var languages = 0

    /// Reads the table; a line that is no row of it is our bug.
    init(table: [UInt8]) {
        var numbers: [Substring: Int] = [:]
        for line in String(decoding: table, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            let columns = line.split(separator: "\t")
            precondition(columns.count == 3, "phrases.tsv: a row has language, kind and phrases")
            let language = numbers[columns[0], default: numbers.count]
            numbers[columns[0]] = language
            for phrase in columns[2].split(separator: "|") {
                add(Wording.normalized(phrase), kind: columns[1], language: language)
            }
        }
        languages = numbers.count
    }

    private mutating func add(_ phrase: String, kind: Substring, language: Int) {
        switch kind {
        case "from": labels[phrase, default: []].append(Meaning(language: language, field: .from))
        case "date": labels[phrase, default: []].append(Meaning(language: language, field: .date))
        case "to": labels[phrase, default: []].append(Meaning(language: language, field: .to))
        case "copy": labels[phrase, default: []].append(Meaning(language: language, field: .copy))
        case "subject": labels[phrase, default: []].append(Meaning(language: language, field: .subject))
        case "original": separators.insert(Wording.words(phrase).joined(separator: " "))
        case "begin": beginnings.insert(phrase)
        case "end": ends.insert(Wording.words(phrase).joined(separator: " "))
        case "opener":
            let words = Wording.words(phrase)
            openers[words.first ?? "", default: []].append(words.joined(separator: " "))
        case "wrote":
            let words = Wording.words(phrase)
            guard let first = words.first else { return }
            verbs[first, default: []].append(words)
            verbs[first]?.sort { $0.count > $1.count }
            if let script = phrase.unicodeScalars.last, Wording.isWrittenWithoutBlanks(script) {
                endings.append(phrase)
            }
        default: preconditionFailure("phrases.tsv: no such kind: \(kind)")
        }
    }
}
