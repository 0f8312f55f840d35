/// Chooses what is shown of several alternatives for one content (RFC 2046 section 5.1.4).
///
/// Plain text is shown if it says what the last page says, since its quotations are surer; otherwise the page. An
/// alternative that says something else than the one shown is no alternative: both are shown, in order. Attachments of
/// all are kept.
enum Alternatives {
    struct Alternative {
        /// The MIME type.
        let type: String
        let rendition: Rendition
    }

    static func shown(_ alternatives: [Alternative]) -> Rendition {
        var all = Rendition()
        for alternative in alternatives { all.append(alternative.rendition) }
        var seen: Set<Message.Attachment> = []
        all.attachments = all.attachments.filter { seen.insert($0.attachment).inserted }

        let chosen = chosen(alternatives.map(\.candidate))
        all.blocks = chosen.flatMap(\.rendition.blocks)
        all.isPlain = chosen.allSatisfy(\.rendition.isPlain)
        return all
    }

    fileprivate struct Candidate {
        let type: String
        let rendition: Rendition
        let words: WordSet
    }

    private static func chosen(_ all: [Candidate]) -> [Candidate] {
        var candidates = all.filter { !$0.rendition.blocks.isEmpty }
        // Pages for some programs alone are never the text, a blank alternative only if there is no other, and so on.
        let isStub: (Candidate) -> Bool = { $0.rendition.isPlain && StubText.isStub($0.rendition.blocks) }
        for isWorse in [{ programTypes.contains($0.type) }, { $0.words.isEmpty }, isStub] as [(Candidate) -> Bool] {
            guard (2...ReadingLimits.stubs).contains(candidates.count) else { break }
            let better = candidates.filter { !isWorse($0) }
            if !better.isEmpty { candidates = better }
        }
        guard let best = best(of: candidates) else { return [] }
        var words = candidates[best].words
        return candidates.indices.filter { index in
            if index == best { return true }
            let isOther = candidates[index].words.share(in: words) < otherContent
            if isOther { words.formUnion(candidates[index].words) }
            return isOther
        }.map { candidates[$0] }
    }

    private static func best(of candidates: [Candidate]) -> Int? {
        let plain = candidates.lastIndex(where: \.rendition.isPlain)
        let page = candidates.lastIndex { !$0.rendition.isPlain }
        guard let plain, let page else { return plain ?? page }
        return candidates[page].words.share(in: candidates[plain].words) >= sameContent ? plain : page
    }

    /// Pages have descriptions of pictures and texts of buttons, which their plain text lacks.
    private static let sameContent = 0.7
    private static let otherContent = 0.25
    /// Pages that programs run (AMP for email), or that watches show.
    private static let programTypes: Set = ["text/x-amp-html", "text/watch-html"]
}

extension Alternatives.Alternative {
    fileprivate var candidate: Alternatives.Candidate {
        Alternatives.Candidate(type: type, rendition: rendition, words: WordSet(rendition.blocks))
    }
}
