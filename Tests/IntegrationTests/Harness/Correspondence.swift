import TestSupport

/// A candidate with a thread and one message in it.
struct Correspondence {
    let host: MailHost
    let candidate: Int64
    let email: String
    let entry: String
    /// The message as it was delivered.
    let raw: [UInt8]

    init() async throws {
        host = try MailHost.shared.get()
        // Addresses are unique in a company.
        email = "zoe+\(Letter.unique())@quill.example"
        let added: LeverCtlJSON.Added = try host.ctl.json(
            "candidate", "add", "--company", "Acme", "--name", "Zoë Quill", "--email", email)
        candidate = added.id
        let thread: LeverCtlJSON.StartedThread = try host.ctl.json(
            "thread", "start", "--company", "Acme", "--candidate", "\(added.id)")
        var letter = Letter("=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=").answering(thread.messageId)
            .with("MIME-Version", "1.0").with("Content-Type", "multipart/mixed; boundary=b")
        letter.fields[0].value = "=?iso-8859-1?Q?J=F6rg_M=FCller?= <joerg@home.example>"
        letter.body = Array(Self.body.replacing("\n", with: "\r\n").utf8)
        let id = try host.send(letter)
        entry = try await host.story(of: id).entry
        raw = try await host.delivered(id)[0].untraced.withCRLF
    }

    func timeline(_ options: String...) throws -> String {
        try host.ctl.text(
            ["timeline", "--company", "Acme", "--candidate", "\(candidate)", "--private-key"]
                + [host.acme.privateKey] + options)
    }

    private static let body = """
        --b
        Content-Type: text/plain; charset=windows-1252
        Content-Transfer-Encoding: quoted-printable

        Passen w=FCrde mir 10 =80.
        From here on it is the writer's text.
        =1B[2J

        Am Mo., 23. Nov. 2026 um 09:00 Uhr schrieb Rita Noor <rita@acme.example>:
        > Hallo!
        > Passt Dir Donnerstag?
        --b
        Content-Type: application/pdf
        Content-Disposition: attachment; filename*=UTF-8''Lebenslauf%20M%C3%BCller.pdf
        Content-Transfer-Encoding: base64

        JVBERi0xLjQK
        --b--

        """
}
