/// The lines of main.cf that attach the filter to Postfix, for what a Postfix has already; docs/howto/postfix.md says
/// what each means. Other filters stay, in front.
public struct PostfixAttachment: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let name: String
        public let value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }

        /// As postconf(1) takes it.
        public var setting: String { "\(name) = \(value)" }
    }

    public let lines: [Line]

    static let parameter = "lever_milter"
    private static let filter =
        "{ unix:lever-milter/milter.sock, connect_timeout=10s, command_timeout=30s, content_timeout=120s, "
        + "default_action=tempfail }"

    /// `current` has every parameter of this Postfix, unexpanded. Lines that it has already are left out.
    public init(current: [String: String]) {
        var lines = [Line(Self.parameter, Self.filter)]
        let smtpd = current["smtpd_milters"] ?? ""
        lines.append(Line("smtpd_milters", Self.appending("${\(Self.parameter)}", to: smtpd)))
        let local = current["non_smtpd_milters"] ?? ""
        // What names the other list has the filter with it.
        if !local.contains("$smtpd_milters"), !local.contains("${smtpd_milters}") {
            lines.append(Line("non_smtpd_milters", Self.appending("${\(Self.parameter)}", to: local)))
        }
        lines.append(Line("enable_threaded_bounces", "yes"))
        let classes = current["internal_mail_filter_classes"] ?? ""
        lines.append(Line("internal_mail_filter_classes", Self.appending("bounce", to: classes)))
        // Missing in a Postfix that is too old for it.
        if ["", "no"].contains(current["smtpd_forbid_bare_newline"] ?? "yes") {
            lines.append(Line("smtpd_forbid_bare_newline", "normalize"))
        }
        self.lines = lines.filter { current[$0.name] != $0.value }
    }

    /// Whether a Postfix with these parameters asks a lever-milter already, or knows of one.
    static func isPresent(in current: [String: String]) -> Bool {
        current[parameter] != nil
            || ["smtpd_milters", "non_smtpd_milters"].contains { current[$0]?.contains("lever-milter/") == true }
    }

    /// The command that sets lines.
    public static func command(_ lines: [Line]) -> Invocation {
        Invocation(["postconf", "-e"] + lines.map(\.setting))
    }

    private static func appending(_ word: String, to list: String) -> String {
        if list.isEmpty { return word }
        return list.split { $0 == "," || $0.isWhitespace }.contains(Substring(word)) ? list : "\(list), \(word)"
    }
}
