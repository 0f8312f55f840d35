import CLibcurl

extension SubmissionServer {
    /// Submits a message: header and body, lines ending in CRLF. Blocks for five minutes at most.
    ///
    /// Throws `SubmissionError`; `unsafe` for what must not be given to libcurl. The server has not accepted the
    /// message then, unless the kind is `tooSlow` or `broken`, in which case it may or may not have.
    public func submit(
        _ message: [UInt8], from sender: String, to recipients: [String], as user: String,
        _ credential: SubmissionCredential
    ) throws(SubmissionError) {
        try refuseUnsafe(message, from: sender, to: recipients, as: user, credential)
        var transfer = Transfer()
        transfer.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        transfer.set(CURLOPT_URL, url)
        // Require STARTTLS.
        transfer.set(CURLOPT_USE_SSL, CLibcurl_usessl_all)
        if let authorities { transfer.set(CURLOPT_CAINFO, authorities) }
        transfer.set(CURLOPT_USERNAME, user)
        switch credential {
        case .password(let password): transfer.set(CURLOPT_PASSWORD, password)
        case .token(let token):
            transfer.set(CURLOPT_XOAUTH2_BEARER, token)
            // Google and Microsoft both support it, unlike OAUTHBEARER.
            transfer.set(CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2")
        }
        transfer.set(CURLOPT_MAIL_FROM, "<\(sender)>")
        transfer.set(CURLOPT_MAIL_RCPT, recipients.map { "<\($0)>" })
        transfer.set(CURLOPT_UPLOAD, 1)

        let exchange = Transfer.Exchange()
        exchange.outgoing = message[...]
        // Given such an address, libcurl says SMTPUTF8 where it is offered, and sends the address all the same where it
        // is not.
        if ([sender] + recipients).contains(where: Self.needsUTF8) {
            exchange.replies = ExtensionCheck("SMTPUTF8", security: security)
        }
        let (code, response) = transfer.run(exchange)
        if exchange.replies?.isMissing == true { throw SubmissionError(.noSMTPUTF8) }
        guard code != CURLE_OK else { return }
        throw Self.error(code, response: response, status: Self.status(in: exchange.refusal))
    }

    private static func error(_ code: CURLcode, response: Int, status: String?) -> SubmissionError {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: SubmissionError(.noName)
        case CURLE_COULDNT_CONNECT: SubmissionError(.noAnswer)
        case CURLE_USE_SSL_FAILED: SubmissionError(.noSTARTTLS)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: SubmissionError(.certificate)
        case CURLE_SSL_CACERT_BADFILE: SubmissionError(.authorities)
        case CURLE_LOGIN_DENIED: SubmissionError(.login, code: response, status: status)
        case CURLE_OPERATION_TIMEDOUT: SubmissionError(.tooSlow)
        case _ where response >= 400: SubmissionError(.refused, code: response, status: status)
        default: SubmissionError(.broken, String(cString: curl_easy_strerror(code)))
        }
    }

    /// `5.1.1` of `550 5.1.1 …`.
    static func status(in line: [UInt8]) -> String? {
        let words = line.split(whereSeparator: { $0 == 0x20 || $0 == UInt8(ascii: "-") || $0 == 13 || $0 == 10 })
        guard words.count > 1 else { return nil }
        let numbers = words[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3,
            numbers.allSatisfy({ (1...3).contains($0.count) && $0.allSatisfy { 0x30...0x39 ~= $0 } })
        else { return nil }
        return String(decoding: words[1], as: UTF8.self)
    }
}
