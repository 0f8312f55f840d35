import CGMime

/// Dates of header fields (RFC 5322 section 3.3), parsed as leniently as GMime does.
public enum MailDate {
    /// Seconds since 1970; nil if the text is not a date.
    public static func seconds(in text: some Collection<UInt8>) -> Int? {
        // Nothing longer is a date.
        let text = text.prefix(200).prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
        guard let date = g_mime_utils_header_decode_date(text) else { return nil }
        defer { g_date_time_unref(date) }
        return Int(g_date_time_to_unix(date))
    }
}
