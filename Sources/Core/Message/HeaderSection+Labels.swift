extension HeaderSection {
    /// Whether the message was written by a program, and came by way of a list, as header and envelope say.
    public func labels(sender: Address) -> Set<MessageLabel> {
        var labels: Set<MessageLabel> = []
        let precedence = Set(unfolded("Precedence").map(Self.lowercased))
        let isList =
            precedence.contains("list")
            || [
                "List-Id", "List-Post", "List-Unsubscribe", "List-Help", "List-Subscribe", "List-Archive", "List-Owner",
            ]
            .contains { !values($0).isEmpty }
        if isList { labels.insert(.list) }

        // RFC 3834 section 5: anything but `no`, parameters left out.
        let submitted = unfolded("Auto-Submitted").map {
            Self.lowercased($0.prefix { $0 != UInt8(ascii: ";") && !$0.isBlank })
        }
        let isAutomatic =
            submitted.contains { $0 != "no" && !$0.isEmpty }
            || ["X-Autoreply", "X-Autorespond"].contains { !values($0).isEmpty }
            || precedence.contains("auto_reply") || !isList && !precedence.isDisjoint(with: ["bulk", "junk"])
        let type = unfolded("Content-Type").first.map(Self.lowercased) ?? ""
        let isReport = type.hasPrefix("multipart/report")
        if isReport, type.contains("delivery-status") {
            labels.insert(.bounce)
        } else if isAutomatic || isReport {
            labels.insert(.autoReply)
        } else if sender.isNull, !isList {
            // As servers told it before RFC 3464.
            labels.insert(.bounce)
        }
        return labels
    }

    private static func lowercased(_ value: some Collection<UInt8>) -> String {
        String(decoding: value.prefix(1000).map(\.asciiLowercased), as: UTF8.self)
    }
}
