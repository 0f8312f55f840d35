/// Tells the plain text that programs write in the place of a page: "Your mail program cannot show HTML".
enum StubText {
    /// Whether the text says no more than that. Only words that nearly always mean it count; where this is wrong, both
    /// texts are shown.
    static func isStub(_ blocks: [Message.Block]) -> Bool {
        guard blocks.count == 1, case .text(let text) = blocks[0], text.utf8.count <= lengthLimit else { return false }
        let lower = text.lowercased()
        if browsers.contains(where: lower.contains) { return true }
        return lower.contains("html") && programs.contains(where: lower.contains)
    }

    /// Bytes.
    private static let lengthLimit = 600

    /// "View this message in your browser."
    private static let browsers = [
        "in your browser", "in a browser", "in a web browser", "in your web browser", "view online", "online version",
        "im browser", "in ihrem browser", "in deinem browser", "online ansehen", "onlineversion", "online-version",
        "dans votre navigateur", "dans un navigateur", "version en ligne", "en su navegador", "en tu navegador",
        "en el navegador", "versión en línea", "nel browser", "nel tuo browser", "versione online", "no seu navegador",
        "no navegador", "versão online", "in uw browser", "in je browser", "in de browser", "i webbläsaren",
        "i din webbläsare", "i din browser", "i nettleseren", "selaimessa", "w przeglądarce", "v prohlížeči",
        "v prehliadači", "böngészőben", "în browser", "tarayıcı", "в браузере", "у браузері", "ブラウザ", "浏览器", "瀏覽器",
        "브라우저",
    ]

    /// Parts of the words for a program, for showing, and for support.
    private static let programs = [
        "program", "client", "reader", "viewer", "display", "format", "support", "version", "part", "compatible",
        "browser", "enable", "darstell", "anzeig", "ansicht", "unterstütz", "logiciel", "messagerie", "affich",
        "compatib", "mensaj", "correo", "lector", "visualiz", "supporta", "leitor", "suporta", "weergev", "ondersteun",
        "stöd", "visa", "understøtter", "vis ", "støtter", "tue", "obsług", "wyświetl", "podpor", "zobraz", "támogat",
        "поддерж", "просмотр", "підтрим", "形式", "表示", "显示", "顯示", "格式",
    ]
}
