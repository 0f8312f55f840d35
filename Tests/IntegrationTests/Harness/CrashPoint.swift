import TestSupport
import Testing

/// A point in a message's life at which something is killed, between two relevant system calls.
struct CrashPoint: CustomTestStringConvertible {
    let name: String
    /// The last of them is the end of the process.
    let faults: [Fault]
    /// Of several parts, and of many writes.
    let isLarge: Bool
    /// Whether the sender sees the message accepted.
    let isAccepted: Bool
    /// The spool directories that hold a file of the message; nil if not checked.
    let leaves: [String]?
    /// Whether the database has the message.
    let isCommitted: Bool

    var testDescription: String { name }
    /// The fault that must have been hit.
    var fault: String { faults.last!.name }

    private init(
        _ name: String, isLarge: Bool = false, isAccepted: Bool = true, leaves: [String]? = nil,
        isCommitted: Bool = false, _ faults: Fault...
    ) {
        self.name = name
        self.isLarge = isLarge
        self.isAccepted = isAccepted
        self.leaves = leaves
        self.isCommitted = isCommitted
        self.faults = faults
    }

    /// Delivery waits here until it is released, so that faults before the answer are told apart from those on the way
    /// to the database.
    static let deliveryWaits = ["BEGIN", "lever.ingest"].map {
        Fault("delivery waits", [.send], path: "socket ", content: $0, do: .hold)
    }

    /// The statement in a message to PostgreSQL, which ends its length with its 11 bytes; BEGIN has READ COMMITTED in
    /// it.
    static let commit = "\u{0B}COMMIT"

    private static func kill(
        _ calls: [Fault.Call], path: String, content: String = "", when moment: Fault.Moment = .before,
        skip: Int = 0, after: String? = nil
    ) -> Fault {
        Fault("kill", calls, path: path, content: content, when: moment, skip: skip, after: after, do: .kill)
    }

    private static let published = Fault("published", [.rename], path: "^{spool}/tmp/", when: .after, do: .note)

    /// From the first byte of a marked message to the answer to Postfix.
    static let receiving: [CrashPoint] = [
        .init("before its file is made", isAccepted: false, leaves: [], kill([.create], path: "^{spool}/tmp/")),
        .init(
            "after its file is made", isAccepted: false, leaves: ["tmp"],
            kill([.create], path: "^{spool}/tmp/", when: .after)),
        .init(
            "between two writes of the body", isLarge: true, isAccepted: false, leaves: ["tmp"],
            kill([.write], path: "^{spool}/tmp/", skip: 5)),
        .init(
            "in the middle of a write of the body", isLarge: true, isAccepted: false, leaves: ["tmp"],
            Fault("short", [.write], path: "^{spool}/tmp/", skip: 5, times: 1, do: .short(1000)),
            kill([.write], path: "^{spool}/tmp/", after: "short")),
        .init(
            "before the header, whose room was left, is filled in", isLarge: true, isAccepted: false, leaves: ["tmp"],
            kill([.write], path: "^{spool}/tmp/", content: "{host}", skip: 1)),
        .init(
            "between the header and the end record", isLarge: true, isAccepted: false, leaves: ["tmp"],
            kill([.write], path: "^{spool}/tmp/", content: "{host}", when: .after, skip: 1)),
        .init(
            "before the whole of a small message is written", isAccepted: false, leaves: ["tmp"],
            kill([.write], path: "^{spool}/tmp/")),
        .init(
            "in the middle of a small message", isAccepted: false, leaves: ["tmp"],
            Fault("short", [.write], path: "^{spool}/tmp/", times: 1, do: .short(200)),
            kill([.write], path: "^{spool}/tmp/", after: "short")),
        .init("before fsync", isAccepted: false, leaves: ["tmp"], kill([.fsync], path: "^{spool}/tmp/")),
        .init(
            "after fsync, before rename", isAccepted: false, leaves: ["tmp"],
            kill([.fsync], path: "^{spool}/tmp/", when: .after)),
        .init(
            "after rename, before fsync of the directory", isAccepted: false, leaves: ["new"],
            kill([.rename], path: "^{spool}/tmp/", when: .after)),
        .init(
            "after fsync of the directory, before delivery is woken", isAccepted: false, leaves: ["new"],
            kill([.fsync], path: "^{spool}/new", when: .after)),
        .init(
            "after delivery is woken, before the log line", isAccepted: false, leaves: ["new"],
            kill([.write], path: "^{spool}/trigger", when: .after)),
        .init(
            "after the log line, before Postfix hears", isAccepted: false, leaves: ["new"], published,
            kill([.write], path: "{filter}", after: "published")),
        .init(
            "after Postfix heard", leaves: ["new"], published,
            kill([.write], path: "{filter}", when: .after, after: "published")),
    ]

    /// From the answer to the message's outcome.
    static let delivering: [CrashPoint] = [
        .init("before the transaction begins", isLarge: true, kill([.send], path: "socket ", content: "BEGIN")),
        .init(
            "after the transaction began", isLarge: true, kill([.send], path: "socket ", content: "BEGIN", when: .after)
        ),
        // Without large messages, it is a transaction by itself.
        .init("before the batch is sent", kill([.send], path: "socket ", content: "lever.ingest")),
        .init(
            "in the middle of the batch", isLarge: true,
            Fault("half", [.send], path: "socket ", content: "lever.ingest", times: 1, do: .short(100_000)),
            kill([.send], path: "socket ", after: "half")),
        .init(
            "after the batch is sent", isCommitted: true,
            kill([.send], path: "socket ", content: "lever.ingest", when: .after)),
        .init(
            "after the batch is stored, before its answer is read", isCommitted: true,
            Fault("batch", [.send], path: "socket ", content: "lever.ingest", do: .note),
            kill([.recv], path: "socket ", after: "batch")),
        .init(
            "between two parts of a large message", isLarge: true,
            kill([.send], path: "socket ", content: "lever.ingest", skip: 1)),
        .init(
            "after the last part of a large message", isLarge: true,
            kill([.send], path: "socket ", content: "lever.ingest", when: .after, skip: 1)),
        .init("before COMMIT is sent", isLarge: true, kill([.send], path: "socket ", content: commit)),
        .init(
            "after COMMIT is sent", isLarge: true, isCommitted: true,
            kill([.send], path: "socket ", content: commit, when: .after)),
        .init(
            "after COMMIT is done, before its answer is read", isLarge: true, isCommitted: true,
            Fault("commit", [.send], path: "socket ", content: commit, do: .note),
            kill([.recv], path: "socket ", after: "commit")),
        .init(
            "after the answer, before the file goes", isCommitted: true,
            kill([.unlink, .rename], path: "^{spool}/new/")),
        .init(
            "after the file is gone, before the log line", isCommitted: true,
            kill([.unlink, .rename], path: "^{spool}/new/", when: .after)),
        .init(
            "after the log line", isCommitted: true,
            kill([.write], path: "/log", content: "outcome=captured", when: .after)),
    ]

    /// From the database's permanent refusal to the log line about it.
    static let quarantining: [CrashPoint] = [
        .init("before the reason is written", kill([.create], path: "^{spool}/quarantine/")),
        .init("before the text of the reason", kill([.write], path: "^{spool}/quarantine/")),
        .init("before the reason has its name", kill([.rename], path: "^{spool}/quarantine/")),
        .init("after the reason, before the message moves", kill([.rename], path: "^{spool}/new/")),
        .init(
            "after the message moved, before fsync of the directory",
            kill([.rename], path: "^{spool}/new/", when: .after)),
        .init("before the log line", kill([.write], path: "/log", content: "outcome=unknown_thread")),
    ]

    /// While the next start cleans up the spool, with files in tmp/ and new/ that a crash left.
    static let starting: [CrashPoint] = [
        .init("before the process id is written", kill([.truncate], path: "{spool}/lock")),
        .init("before tmp/ is emptied", kill([.unlink], path: "^{spool}/tmp/")),
        .init("after tmp/ is emptied", kill([.unlink], path: "^{spool}/tmp/", when: .after)),
        .init("before a damaged file has a reason", kill([.create], path: "^{spool}/quarantine/")),
        .init("after it has a reason, before it moves", kill([.rename], path: "^{spool}/new/")),
        .init("after it moved", kill([.rename], path: "^{spool}/new/", when: .after)),
        .init("while the copy of routing is written", kill([.fsync], path: "{spool}/routing")),
        .init("before the copy of routing has its name", kill([.rename], path: "^{spool}/routing")),
    ]
}
