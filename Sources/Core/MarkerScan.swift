extension Marker {
    /// Every marker that a header section shows where it counts, the one that counts most first:
    /// In-Reply-To, then References from its last id to its first; X-Lever-Thread and Message-ID on originals alone,
    /// which are the messages without In-Reply-To. Never the subject, never the body.
    public static func scan(_ header: HeaderSection, domains: some Collection<String>) -> [Marker] {
        let inReplyTo = MessageIDList.ids(in: header.values("In-Reply-To"))
        var ids = inReplyTo + MessageIDList.ids(in: header.values("References")).reversed()
        if header.values("In-Reply-To").isEmpty {
            ids += MessageIDList.ids(in: header.values("X-Lever-Thread"))
            ids += MessageIDList.ids(in: header.values("Message-ID"))
        }
        var markers: [Marker] = []
        for marker in ids.lazy.compactMap({ Marker(messageID: $0, domains: domains) })
        where !markers.contains(marker) {
            markers.append(marker)
        }
        return markers
    }
}
