/// Whether the filter sees the bounces that Postfix itself writes, and can tell which message came back.
extension PostfixFindings {
    var bounces: [Finding] {
        let isShown = "internal_mail_filter_classes"
        let isThreaded = "enable_threaded_bounces"
        guard setup.parameters[isShown] != nil else {
            return [.notChecked(.postfixBounces, "Postfix does not report internal_mail_filter_classes")]
        }
        guard setup.parameters[isThreaded] != nil else {
            return [
                .warning(
                    .postfixBounces,
                    "bounces that Postfix writes do not name the message that came back, and are on no timeline",
                    do: "update Postfix: 3.6 has enable_threaded_bounces")
            ]
        }
        // The services bounce, defer and trace run the same program; the first writes bounces.
        let writers = setup.services.filter { $0.name == "bounce/unix" }
        let unseen = writers.filter {
            !setup.options(isShown, $0).contains { $0.lowercased() == "bounce" }
        }
        let unnamed = writers.filter { setup.value(isThreaded, $0).lowercased() != "yes" }
        let findings =
            places(isShown, unseen).map { place in
                Finding.warning(
                    .postfixBounces, "bounces that Postfix writes do not pass this filter: none is on a timeline",
                    do: place.setting(classes(unseen[0])))
            }
            + places(isThreaded, unnamed).map { place in
                Finding.warning(
                    .postfixBounces,
                    "bounces that Postfix writes do not name the message that came back: few are on a timeline",
                    do: place.setting("yes"))
            }
        return or(.ok(.postfixBounces, "they pass this filter, and name the message that came back"), findings)
    }

    /// The list with `bounce` in it.
    private func classes(_ service: PostfixSetup.Service) -> String {
        (setup.options("internal_mail_filter_classes", service).filter { $0.lowercased() != "bounce" } + ["bounce"])
            .joined(separator: ",")
    }
}
