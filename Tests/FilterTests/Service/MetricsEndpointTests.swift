import Core
import Inspection
import LibMicrohttpd
import Observability
import Spool
import Testing
import TestSupport

@testable import Filter

@Suite struct MetricsEndpointTests {
    private func ask(_ path: String, _ context: FilterContext, answers: Bool = true) -> HTTPResponse {
        MetricsEndpoint(
            report: MetricsReport(
                version: "1.2.3", metrics: context.metrics, log: context.log, spoolDirectory: context.spool.directory,
                activity: { context.activity }),
            health: Health(
                spool: context.spool, progress: context.metrics.progress, activity: { context.activity },
                answers: { _ in answers })
        ).answer(HTTPRequest(method: "GET", path: path))
    }

    @Test func `a delivery thread that is late is not healthy, and mail would be taken all the same`() throws {
        let fixture = try FilterFixture()
        let context = fixture.context
        #expect(ask("/healthy", context).status == 200, "it has not begun")
        context.metrics.progress.expect(within: 5)
        #expect(ask("/healthy", context).status == 200)
        context.metrics.progress.expect(within: -5.5)
        let late = ask("/healthy", context)
        #expect(late.status == 503 && late.body == Array("the delivery thread is 5 s late\n".utf8))
        #expect(String(decoding: ask("/metrics", context).body, as: UTF8.self).contains("\nlever_milter_healthy 0\n"))
        #expect(ask("/ready", context).status == 200)
    }

    @Test func `a daemon that stops is not ready`() throws {
        let context = try FilterFixture().context
        #expect(ask("/healthy", context, answers: false).body == Array("libmilter does not answer\n".utf8))
        context.admission.close()
        #expect(ask("/ready", context).body == Array("lever-milter is stopping\n".utf8))
        #expect(ask("/healthy", context, answers: false).status == 200)
    }

    @Test func `a full spool is not ready, and the look leaves nothing behind`() throws {
        let fixture = try FilterFixture(spoolSize: 64)
        #expect(ask("/ready", fixture.context).status == 200)
        #expect(try Command.check(["find", fixture.spool.directory + "/tmp", "-type", "f"]) == "")
        _ = try Command.run(["dd", "if=/dev/zero", "of=\(fixture.spool.directory)/filler", "bs=1k"])
        let full = ask("/ready", fixture.context)
        #expect(full.status == 503 && String(decoding: full.body, as: UTF8.self).contains("free disk space"))
        try Command.check(["rm", "\(fixture.spool.directory)/filler"])
        // What a crash left does not count.
        try Command.check(["touch", "\(fixture.spool.directory)/tmp/.probe"])
        #expect(ask("/ready", fixture.context).status == 200)
    }

    @Test func `a refusal has a cause that a counter can have`() throws {
        let context = try FilterFixture().context
        func cause(_ step: () throws -> Void) throws -> TempfailCause {
            do { try step() } catch { return TempfailCause(error) }
            throw HarnessError("nothing was thrown")
        }
        context.admission.hangUp()
        #expect(try cause { try context.admission.checkOpen() } == .stopping)
        context.admission.sessions.enter()
        #expect(try cause { try context.admission.checkSessions(limit: 0) } == .sessionLimit)
        #expect(
            try cause {
                var bytes = BytesInFlight(context.admission, limit: 10)
                try bytes.add(11)
            } == .inFlightLimit)
        #expect(TempfailCause(HarnessError("x")) == .other)

        let full = try FilterFixture(spoolSize: 64)
        _ = try Command.run(["dd", "if=/dev/zero", "of=\(full.spool.directory)/filler", "bs=1k"])
        #expect(try cause { try full.spool.checkWritable() } == .noRoom)
        let marked = [("In-Reply-To", FilterFixture.marker(FilterFixture.keyless))]
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        #expect(
            try cause { _ = try fixture.send(session, to: ["<a@keyless.example>"], header: marked) } == .missingKey)
    }

    @Test func `the spool's parts are measured, without what is no message`() throws {
        let directory = try TemporaryDirectory("usage")
        for area in ["new", "delivered", "quarantine"] { try directory.makeDirectory(area) }
        try directory.write("new/one", [UInt8](repeating: 1, count: 5000))
        try directory.write("new/two", "2")
        try directory.write("quarantine/one", "1")
        try directory.write("quarantine/one.reason", "because")
        try directory.write("new/.hidden", "x")
        try Command.check(["touch", "-d", "2 hours ago", directory.file("new/two")])
        let usage = SpoolUsage(directory: directory.path)
        #expect(usage.parts[.new]?.files == 2)
        #expect(try #require(usage.parts[.new]?.bytes) >= 5001)
        #expect((7200...7260).contains(try #require(usage.parts[.new]?.oldestAge)))
        #expect(usage.parts[.quarantine]?.files == 1)
        #expect(usage.parts[.delivered]?.files == 0 && usage.parts[.delivered]?.oldestAge == 0)
        #expect(usage.parts[.redeliver]?.files == 0, "not made yet")
        #expect(usage.freeBytes > 0 && usage.totalBytes >= usage.freeBytes)
    }
}
