import Capture
import Core
import LibMilter
import Spool
import Store
import Testing
import TestSupport

@testable import Observability

/// An event with sample values, its line, and its fields in JSON.
struct LoggedEvent: Sendable, CustomTestStringConvertible {
    let name: EventName
    let text: String
    let fields: String
    let log: @Sendable (EventLog) -> Void

    init(_ name: EventName, _ text: String, _ fields: String, _ log: @escaping @Sendable (EventLog) -> Void) {
        (self.name, self.text, self.fields, self.log) = (name, text, fields, log)
    }

    var testDescription: String { text }

    private static let entry = EntryID("0198f3c0-0000-7000-8000-000000000001")!
    private static let record = {
        var record = MessageRecord(
            company: CompanyID(rawValue: 1), thread: ThreadID(rawValue: 9_223_372_036_854_775_807), entry: entry,
            acceptedAt: .now(), host: "mx1", queueID: "4XyZ1k2J")
        record.direction = .inbound
        record.matched = .inReplyTo
        return record
    }()
    private static let found = ThreadReference(
        company: CompanyID(rawValue: 1), thread: ThreadID(rawValue: 9_223_372_036_854_775_807), field: .references,
        evidence: .learnedID)
    private static let history = DatabasePosition(system: 7, database: 16384, timeline: 2, table: 16400, position: 9)
    private static let error = HarnessError("it broke")

    static let story =
        "company=1 thread=9223372036854775807 direction=inbound matched=in_reply_to size=4711 entry=\(entry)"
    static let storyFields =
        #""queue_id":"4XyZ1k2J","company":1,"thread":9223372036854775807,"direction":"inbound","matched":"in_reply_to","size":4711,"entry":"\#(entry)""#

    static let all = messages + daemon + database

    private static let messages = [
        LoggedEvent(.spooled, "4XyZ1k2J: spooled \(story)", storyFields) { $0.spooled(record, size: 4711) },
        LoggedEvent(.delivered, "4XyZ1k2J: outcome=captured \(story)", #"\#(storyFields),"outcome":"captured""#) {
            $0.delivered(.captured, record, size: 4711)
        },
        LoggedEvent(
            .postponed,
            """
            4XyZ1k2J: warning: postponed company=1 thread=9223372036854775807 entry=\(entry) retry_in=2.0s \
            reason="it broke"
            """,
            """
            "queue_id":"4XyZ1k2J","company":1,"thread":9223372036854775807,"entry":"\(entry)","retry_in":2,\
            "reason":"it broke"
            """
        ) { $0.postponed(record, retryIn: 2, error) },
        LoggedEvent(
            .quarantined,
            #"4XyZ1k2J: error: outcome=unknown_thread \#(story) kept=quarantine/\#(entry) reason="no such thread""#,
            #"\#(storyFields),"outcome":"unknown_thread","kept":"quarantine/\#(entry)","reason":"no such thread""#
        ) { $0.quarantined(.unknownThread, record, size: 4711, reason: "no such thread") },
        LoggedEvent(
            .erased, "4XyZ1k2J: erased company=1 thread=9223372036854775807 removed=delivered/\(entry)",
            #""queue_id":"4XyZ1k2J","company":1,"thread":9223372036854775807,"removed":"delivered/\#(entry)""#
        ) { $0.discarded(record, from: .delivered) },
        LoggedEvent(
            .passed,
            "4XyZ1k2J: outcome=too_large company=1 thread=9223372036854775807 direction=inbound matched=references",
            #""queue_id":"4XyZ1k2J","outcome":"too_large","company":1,"thread":9223372036854775807,"direction":"inbound","matched":"references""#
        ) { $0.finished(Disposition(.tooLarge, queueID: "4XyZ1k2J", found: found, direction: .inbound)) },
        LoggedEvent(
            .passed, "NOQUEUE: outcome=bad_signature", #""queue_id":"NOQUEUE","outcome":"bad_signature""#
        ) { $0.finished(Disposition(.badSignature, queueID: "NOQUEUE", found: nil)) },
        LoggedEvent(
            .tempfailed, #"4XyZ1k2J: error: outcome=spool_failed code=451 reply=4.7.1 reason="it broke""#,
            #""queue_id":"4XyZ1k2J","outcome":"spool_failed","code":451,"reply":"4.7.1","reason":"it broke""#
        ) {
            $0.tempfailed(
                Disposition(.spoolFailed, queueID: "4XyZ1k2J", found: nil), code: "451", status: "4.7.1", error)
        },
        LoggedEvent(
            .passed,
            "4XyZ1k2J: outcome=forwarded company=1 thread=9223372036854775807 direction=outbound matched=references forwarded=yes",
            #""queue_id":"4XyZ1k2J","outcome":"forwarded","company":1,"thread":9223372036854775807,"direction":"outbound","matched":"references","forwarded":"yes""#
        ) {
            $0.finished(
                Disposition(.forwarded, queueID: "4XyZ1k2J", found: found, direction: .outbound, forwarded: .yes))
        },
        LoggedEvent(
            .delivered, "4XyZ1k2J: outcome=captured \(story) forwarded=before",
            #"\#(storyFields),"outcome":"captured","forwarded":"before""#
        ) {
            var record = record
            record.forwarded = .before
            $0.delivered(.captured, record, size: 4711)
        },
        LoggedEvent(
            .delivered, "4XyZ1k2J: outcome=captured \(story) labels=auto_reply,list",
            #"\#(storyFields),"outcome":"captured","labels":"auto_reply,list""#
        ) {
            var record = record
            record.labels = [.list, .autoReply]
            $0.delivered(.captured, record, size: 4711)
        },
        LoggedEvent(
            .notStamped,
            "4XyZ1k2J: warning: not stamped: the mail server does not let filters change header fields; see docs/explanation/conversation.md",
            #""queue_id":"4XyZ1k2J""#
        ) { $0.notStamped(queueID: "4XyZ1k2J") },
        LoggedEvent(
            .notForwarded, #"4XyZ1k2J: error: not forwarded code=451 reply=4.7.1 reason="it broke""#,
            #""queue_id":"4XyZ1k2J","code":451,"reply":"4.7.1","reason":"it broke""#
        ) { $0.notForwarded(queueID: "4XyZ1k2J", code: "451", status: "4.7.1", error) },
    ]

    private static let daemon = [
        LoggedEvent(.failed, "lever-milter: it broke", #""reason":"it broke""#) { $0.failed(error) },
        LoggedEvent(
            .started, "started socket=fd:3 companies=2 routing=copy", #""socket":"fd:3","companies":2,"routing":"copy""#
        ) { $0.started(socket: "fd:3", companies: 2, routingFrom: "copy") },
        LoggedEvent(.stopping, "stopping messages_in_flight=1 sessions=2", #""messages_in_flight":1,"sessions":2"#) {
            $0.draining(messages: 1, sessions: 2)
        },
        LoggedEvent(
            .stopped, "stopped unread_at_envelope=1 unread_at_header=0 spooled=3 interrupted=0 sessions=1",
            #""unread_at_envelope":1,"unread_at_header":0,"spooled":3,"interrupted":0,"sessions":1"#
        ) { $0.stopped(unreadAtEnvelope: 1, unreadAtHeader: 0, spooled: 3, interrupted: 0, sessions: 1) },
        LoggedEvent(.reloaded, "reloaded", "") { $0.reloaded(unchangeable: []) },
        LoggedEvent(
            .reloadedInPart, "warning: reloaded, except for socket, spool: restart lever-milter to change that",
            #""keys":["socket","spool"]"#
        ) { $0.reloaded(unchangeable: ["socket", "spool"]) },
        LoggedEvent(
            .reloadFailed, "error: not reloaded, the previous configuration stays in force: it broke",
            #""reason":"it broke""#
        ) { $0.reloadFailed(error) },
        LoggedEvent(.milterFailed, "error: it broke; stopping", #""reason":"it broke""#) { $0.milterFailed(error) },
        LoggedEvent(.serverRefused, "error: connection refused: too old", #""reason":"too old""#) {
            $0.refusedServer("too old")
        },
        LoggedEvent(
            .descriptorsShort,
            """
            error: nearly all of 1024 file descriptors are taken; new connections wait; raise the limit \
            (LimitNOFILE), or lower Postfix's process limits
            """, #""allowed":1024"#
        ) { $0.shortOfDescriptors(true, allowed: 1024) },
        LoggedEvent(.descriptorsFree, "file descriptors are free again; connections are accepted", "") {
            $0.shortOfDescriptors(false, allowed: 1024)
        },
        LoggedEvent(
            .syslogMissing,
            "warning: nothing listens at /dev/log; start a syslog service, or set 'log_to: stderr'", ""
        ) { $0.syslogMissing() },
    ]

    private static let database = [
        LoggedEvent(.routingLoaded, "routing companies=2", #""companies":2"#) { $0.routingLoaded(companies: 2) },
        LoggedEvent(.routingFailed, "error: routing is not up to date: it broke", #""reason":"it broke""#) {
            $0.routingFailed(error)
        },
        LoggedEvent(
            .routingNotSaved, "error: the copy of routing on disk is not up to date: it broke", #""reason":"it broke""#
        ) { $0.routingNotSaved(error) },
        LoggedEvent(.learnedIDsLoaded, "learned ids=3 candidates=2", #""ids":3,"candidates":2"#) {
            $0.learnedIDsLoaded(threads: 3, candidates: 2)
        },
        LoggedEvent(
            .learnedIDsFailed, "error: learned ids are not up to date: it broke", #""reason":"it broke""#
        ) { $0.learnedIDsFailed(error) },
        LoggedEvent(
            .learnedIDsNotSaved, "error: the copy of learned ids on disk is not up to date: it broke",
            #""reason":"it broke""#
        ) { $0.learnedIDsNotSaved(error) },
        LoggedEvent(.databaseConnected, "database connected", "") { $0.databaseReached() },
        LoggedEvent(
            .databaseLost, "warning: database unavailable: it broke; retry_in=0.7s spooled=3",
            #""reason":"it broke","retry_in":0.7,"spooled":3"#
        ) { $0.databaseLost(error, retryIn: 0.71, spooled: 3) },
        LoggedEvent(
            .databaseHeldUp, "warning: held up: routing: it broke; retry_in=4.5s",
            #""task":"routing","reason":"it broke","retry_in":4.5"#
        ) { $0.databaseHeldUp("routing", error, retryIn: 4.49) },
        LoggedEvent(
            .databaseReplaced,
            """
            warning: the database was replaced, 37 delivered messages are redelivered; now system=7 \
            database=16384 timeline=2 table=16400 position=9, before unknown
            """,
            """
            "messages":37,"now":{"system":7,"database":16384,"timeline":2,"table":16400,"position":9},"before":{}
            """
        ) { $0.databaseReplaced(nil, history, messages: 37) },
        LoggedEvent(
            .redelivered, "redelivered after the database was replaced messages=37", #""messages":37"#
        ) { $0.redelivered(messages: 37) },
        LoggedEvent(
            .databasePositionUnknown,
            """
            warning: this login may not see whether the database was replaced, so nothing would be redelivered; as \
            its administrator: GRANT EXECUTE ON FUNCTION pg_control_system, pg_walfile_name(pg_lsn), \
            pg_current_wal_insert_lsn, pg_current_wal_flush_lsn TO lever_ingest
            """, ""
        ) { $0.databasePositionUnknown() },
        LoggedEvent(
            .recordsRefused, "error: the database refuses delivery records: it broke", #""reason":"it broke""#
        ) { $0.recordsRefused(error) },
        LoggedEvent(.spoolAlarm, "error: cannot write", #""reason":"cannot write""#) { $0.spoolAlarm("cannot write") },
        LoggedEvent(
            .deliveredFilesRemoved, "warning: the spool's disk is full; removed files=2 bytes=8192 of delivered/",
            #""files":2,"bytes":8192"#
        ) {
            var amount = Spool.Amount()
            (amount.files, amount.bytes) = (2, 8192)
            $0.deliveredFilesRemoved(amount)
        },
        LoggedEvent(
            .fileMoved,
            """
            warning: spool file 0198 is no longer in new/, where it was delivered from; use leverctl queue to move or \
            remove messages
            """, #""file":"0198","area":"new""#
        ) { $0.movedByHand("0198", .new) },
    ]
}
