import TestSupport

/// What Postfix 3.7 sends to a filter for one message, prepared beforehand (milter8.c): macros are sent before each
/// step, and before each header field too; steps without reply wait in the buffer for one with a reply, so that there
/// is one write per reply; and the abort of the previous message comes first.
struct MilterDialogue {
    enum Stage: Int, CaseIterable { case envelope, data, header, endOfHeader, body, endOfMessage }

    /// The bytes written at once, and the stage of the reply awaited then.
    struct Exchange {
        var bytes: [UInt8]
        let stage: Stage
    }

    var exchanges: [Exchange] = []
    private var pending: [UInt8] = []
    private let terms: MilterClient.Terms

    /// `terms` are what the filter negotiated.
    init(_ mail: Mail, terms: MilterClient.Terms) {
        self.terms = terms
        pending += packet("A")
        step("M", text(mail.sender) + text("BODY=8BITMIME"), Steps.mail, .envelope, macros: (2, Self.mailMacros))
        for recipient in mail.recipients {
            step("R", text(recipient), Steps.recipient, .envelope, macros: (3, Self.recipientMacros))
        }
        step("T", [], Steps.data, .data, macros: (4, ["i"]))
        for field in mail.fields {
            let keepsSpace = terms.steps & 0x10_0000 != 0
            let value = keepsSpace ? field.value : String(field.value.dropFirst())
            step("L", text(field.name) + text(value), Steps.header, .header, macros: (6, ["i"]))
        }
        step("N", [], Steps.endOfHeader, .endOfHeader, macros: (6, ["i"]))
        for start in stride(from: 0, to: mail.body.count, by: MilterClient.dataLimit) {
            let part = mail.body[start..<min(start + MilterClient.dataLimit, mail.body.count)]
            step("B", Array(part), Steps.body, .body, macros: (5, ["i"]))
        }
        step("E", [], (leftOut: 0, unanswered: 0), .endOfMessage, macros: (5, ["i"]))
    }

    /// Bits of the negotiation (mfdef.h).
    private enum Steps {
        static let mail: (leftOut: UInt32, unanswered: UInt32) = (0x4, 0x4000)
        static let recipient: (leftOut: UInt32, unanswered: UInt32) = (0x8, 0x8000)
        static let data: (leftOut: UInt32, unanswered: UInt32) = (0x200, 0x1_0000)
        static let header: (leftOut: UInt32, unanswered: UInt32) = (0x20, 0x80)
        static let endOfHeader: (leftOut: UInt32, unanswered: UInt32) = (0x40, 0x4_0000)
        static let body: (leftOut: UInt32, unanswered: UInt32) = (0x10, 0x8_0000)
    }

    /// Postfix's lists if the filter requests none (milter_mail_macros, milter_rcpt_macros).
    private static let mailMacros = [
        "i", "{auth_type}", "{auth_authen}", "{auth_author}", "{mail_addr}", "{mail_host}", "{mail_mailer}",
    ]
    private static let recipientMacros = ["i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"]
    /// The macros that have a value here. The queue ID has one from the first recipient on.
    private static let values = [
        "{mail_addr}": "anna@home.example", "{mail_host}": "home.example", "{mail_mailer}": "smtp",
        "{rcpt_addr}": "rita@acme.example", "{rcpt_host}": "acme.example", "{rcpt_mailer}": "virtual",
    ]

    private mutating func step(
        _ command: Character, _ data: [UInt8], _ bits: (leftOut: UInt32, unanswered: UInt32), _ stage: Stage,
        macros: (stage: UInt32, byDefault: [String])
    ) {
        let names = terms.macros[macros.stage].flatMap { $0.isEmpty ? nil : $0 } ?? macros.byDefault
        var list: [UInt8] = []
        for name in names {
            if name == "i" || name == "{i}" {
                if stage != .envelope { list += text(name) + text(Mail.number) }
            } else if let value = Self.values[name] {
                list += text(name) + text(value)
            }
        }
        pending += packet("D", [command.asciiValue!] + list)
        guard terms.steps & bits.leftOut == 0 else { return }
        pending += packet(command, data)
        guard terms.steps & bits.unanswered == 0 else { return }
        exchanges.append(Exchange(bytes: pending, stage: stage))
        pending = []
    }

    private func text(_ text: String) -> [UInt8] { Array(text.utf8) + [0] }

    private func packet(_ command: Character, _ data: [UInt8] = []) -> [UInt8] {
        withUnsafeBytes(of: UInt32(data.count + 1).bigEndian) { Array($0) } + [command.asciiValue!] + data
    }
}
