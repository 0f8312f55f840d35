import Core

/// Whether Postfix and the filter take the same addresses for one mailbox.
extension PostfixFindings {
    var recipientDelimiter: Finding {
        guard let routing else {
            return .notChecked(.postfixRecipientDelimiter, "the daemon's copy of the routing cannot be read")
        }
        let text = setup.value("recipient_delimiter")
        let differing = routing.companies.filter {
            $0.sync == .limited && Set($0.recipientDelimiters?.text ?? "") != Set(text)
        }
        guard let company = differing.first else {
            return .ok(.postfixRecipientDelimiter, text.isEmpty ? "none" : "'\(text)'")
        }
        let theirs = company.recipientDelimiters.map { "'\($0)'" } ?? "none"
        let others = differing.count == 1 ? "" : " and \(differing.count - 1) more"
        return .warning(
            .postfixRecipientDelimiter,
            "Postfix's recipient_delimiter is \(text.isEmpty ? "none" : "'\(text)'"), that of company "
                + "\(company.id)\(others) \(theirs): an address with an extension is not taken for the mailbox that gets "
                + "its mail, on the never-log list too",
            do: "leverctl company set \(company.id) --recipient-delimiter '\(text.isEmpty ? "none" : text)', unless "
                + "another server delivers the company's mail and has that setting")
    }
}
