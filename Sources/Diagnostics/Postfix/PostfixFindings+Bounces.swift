/// Whether the filter sees the bounces that Postfix itself writes, and can tell which message came back.
extension PostfixFindings {
    var bounces: Finding {
        guard setup.parameters["internal_mail_filter_classes"] != nil else {
            return .notChecked(.postfixBounces, "Postfix does not report internal_mail_filter_classes")
        }
        guard setup.parameters["enable_threaded_bounces"] != nil else {
            return .warning(
                .postfixBounces,
                "bounces that Postfix writes do not name the message that came back, and are on no timeline",
                do: "update Postfix: 3.6 has enable_threaded_bounces")
        }
        // The services bounce, defer and trace run the same program; the first writes bounces.
        let writer = setup.services.first { $0.name == "bounce/unix" }
        let isShown = setup.options("internal_mail_filter_classes", writer).contains { $0.lowercased() == "bounce" }
        let isThreaded = setup.value("enable_threaded_bounces", writer).lowercased() == "yes"
        guard isShown, isThreaded else {
            let missing =
                isShown
                ? "do not name the message that came back"
                : isThreaded
                    ? "do not pass this filter" : "neither pass this filter nor name the message that came back"
            return .warning(
                .postfixBounces, "bounces that Postfix writes \(missing): none is on a timeline",
                do: "postconf -e 'enable_threaded_bounces = yes' 'internal_mail_filter_classes = \(classes)' && "
                    + "postfix reload")
        }
        return .ok(.postfixBounces, "they pass this filter, and name the message that came back")
    }

    /// The list with `bounce` in it.
    private var classes: String {
        (setup.options("internal_mail_filter_classes", nil).filter { $0.lowercased() != "bounce" } + ["bounce"])
            .joined(separator: ", ")
    }
}
