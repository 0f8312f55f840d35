/// The lines that mail programs put before a quotation, in the most common languages.
enum Attribution {
    /// Whether the line is `-----Original Message-----`, a translation of it, or the separator of a forward.
    static func isOriginalSeparator(_ line: String) -> Bool {
        guard line.utf8.count <= 100 else { return false }
        let line = trim(line).lowercased()
        if line == "begin forwarded message:" { return true }
        guard line.hasPrefix("---"), line.hasSuffix("---") else { return false }
        let words = line.split { $0 == "-" || $0 == " " }.joined(separator: " ")
        return originalSeparators.contains(words)
    }

    /// Whether the lines start with a header copied into the text, as Outlook does it: a From line, with Subject and
    /// another field shortly below.
    static func isCopiedHeader(_ lines: ArraySlice<Line>) -> Bool {
        guard let first = lines.first, let from = label(first.text), fromLabels.contains(from) else { return false }
        let labels = lines.dropFirst().prefix(copiedHeaderLength).compactMap { label($0.text) }
        return labels.contains(where: subjectLabels.contains) && labels.contains(where: otherLabels.contains)
    }

    /// The first line of the attribution whose last line is `last`; nil if that line does not end one. A ruled line
    /// directly above a quotation also counts.
    static func start(endingAt last: Int, in lines: [Line]) -> Int? {
        // What is indented by thousands of columns is none.
        guard lines[last].text.utf8.count <= 4 * lengthLimit else { return nil }
        let text = trim(lines[last].text)
        if text.utf8.count >= 5, text.utf8.allSatisfy({ "_-=*".utf8.contains($0) }) { return last }
        guard text.hasSuffix(":") || text.hasSuffix("："), text.utf8.count <= lengthLimit else { return nil }
        var joined = ""
        // Mail programs wrap the attribution at about 72 columns.
        for first in stride(from: last, through: max(0, last - 3), by: -1) {
            guard lines[first].text.utf8.count <= lengthLimit, !lines[first].isQuoted, !lines[first].isBlank else {
                break
            }
            joined = trim(lines[first].text).lowercased() + " " + joined
            if openers.contains(where: joined.hasPrefix), isAttribution(joined) { return first }
        }
        return isAttribution(text.lowercased()) ? last : nil
    }

    /// Whether the text has a verb of writing, and a date or an address: without these "As I wrote:" would match.
    private static func isAttribution(_ text: String) -> Bool {
        verbs.contains(where: text.contains) && text.contains { $0 == "@" || $0.isNumber }
    }

    /// The word before a line's first colon, in lower case: `*From:*`, `De :`.
    private static func label(_ line: String) -> String? {
        guard let colon = line.prefix(40).firstIndex(where: { $0 == ":" || $0 == "：" }) else { return nil }
        return trim(line[..<colon].filter { $0 != "*" && $0 != ">" }).lowercased()
    }

    private static func trim(_ text: some StringProtocol) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }

    /// Bytes; an attribution with two names and two addresses is shorter.
    private static let lengthLimit = 400
    /// Lines; recipients may take up several.
    private static let copiedHeaderLength = 10

    private static let originalSeparators: Set = [
        "original message", "original appointment", "forwarded message", "reply message", "ursprüngliche nachricht",
        "original nachricht", "weitergeleitete nachricht", "message d'origine", "message original", "message transféré",
        "mensaje original", "mensaje reenviado", "messaggio originale", "messaggio inoltrato", "mensagem original",
        "mensagem encaminhada", "oorspronkelijk bericht", "doorgestuurd bericht", "ursprungligt meddelande",
        "oprindelig meddelelse", "opprinnelig melding", "wiadomość oryginalna", "исходное сообщение", "原始邮件",
    ]
    private static let fromLabels: Set = [
        "from", "von", "de", "da", "van", "från", "fra", "od", "lähettäjä", "от", "发件人", "寄件者", "差出人", "보낸 사람",
    ]
    private static let subjectLabels: Set = [
        "subject", "betreff", "objet", "asunto", "oggetto", "assunto", "onderwerp", "ämne", "emne", "temat", "aihe",
        "тема", "主题", "主旨", "件名", "제목",
    ]
    private static let otherLabels: Set = [
        "sent", "date", "to", "gesendet", "datum", "an", "envoyé", "date d'envoi", "à", "enviado", "enviado el",
        "fecha", "para", "inviato", "data", "a", "verzonden", "aan", "skickat", "till", "sendt", "dato", "til",
        "wysłano", "do", "lähetetty", "vastaanottaja", "отправлено", "дата", "кому", "发送时间", "收件人", "日期",
        "送信日時", "宛先", "보낸 날짜", "받는 사람",
    ]
    private static let openers = [
        "on ", "am ", "le ", "el ", "il ", "em ", "op ", "den ", "på ", "dnia ", "w dniu ", "a ",
    ]
    private static let verbs = [
        "wrote", "writes", "schrieb", "a écrit", "écrit", "escribió", "ha scritto", "escreveu", "schreef", "skrev",
        "napisał", "kirjoitti", "написал", "пишет", "写道", "寫道", "のメール", "작성",
    ]
}
