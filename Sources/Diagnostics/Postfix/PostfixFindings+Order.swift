/// Whether the filter stands where the manual says: last, so that what is stored is as delivered, with the results of
/// the filters that check (docs/howto/postfix.md). Where only the company's own mail comes in, and a company stamps
/// it, before the filter that signs (docs/explanation/conversation.md, "Stamp").
extension PostfixFindings {
    var order: [Finding] {
        let late = places(uses.filter(isFollowed)).map { place, list in
            let (ours, others) = parts(list)
            let behind = list.milters[(list.index(of: endpoint, setup)! + 1)...].map(\.address)
            return Finding.warning(
                .postfixOrder,
                "\(place.text): this filter is followed by \(behind.joined(separator: ", ")), and what that adds or "
                    + "refuses (DKIM, DMARC) comes too late for what is stored",
                do: place.setting(words(others + ours, in: list)))
        }
        let signed = places(uses.filter(isSignedFirst), alone: true).map { place, list in
            let (ours, others) = parts(list)
            return Finding.warning(
                .postfixOrder,
                "\(place.text): \(others.first { $0.signs }!.address) signs before this filter stamps, and a message "
                    + "with a signature over References is not stamped",
                do: place.setting(words(ours + others, in: list)))
        }
        return or(.ok(.postfixOrder, "as docs/howto/postfix.md has it"), late + signed)
    }

    /// Nil where the companies are not known.
    private var stamps: Bool? {
        routing.map { $0.companies.contains { $0.sync == .limited && $0.stamps } }
    }

    private func isFollowed(_ list: MilterList) -> Bool {
        guard list.index(of: endpoint, setup)! + 1 < list.milters.count else { return false }
        return !list.isOfOwnMail || stamps == false
    }

    private func isSignedFirst(_ list: MilterList) -> Bool {
        guard list.isOfOwnMail, stamps == true else { return false }
        return list.milters.prefix(list.index(of: endpoint, setup)!).contains { $0.signs }
    }

    private func parts(_ list: MilterList) -> (ours: [MilterReference], others: [MilterReference]) {
        let index = list.index(of: endpoint, setup)!
        return ([list.milters[index]], list.milters.enumerated().filter { $0.offset != index }.map(\.element))
    }
}
