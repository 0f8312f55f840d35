/// A group of checks, in the order in which the report shows them.
public enum Section: String, CaseIterable, Sendable {
    case configuration, daemon, socket, postfix, database, keys, spool, clock

    /// Whether only a mail host has it, unlike an administrator's or a reader's machine.
    var isOfMailHost: Bool { [.daemon, .socket, .postfix, .spool].contains(self) }

    var timeLimit: CheckID { CheckID(rawValue: "\(rawValue).time_limit")! }
}
