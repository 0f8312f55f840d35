import Glibc
import Synchronization
import Testing

@testable import DaemonMetrics

@Suite struct MetricsTests {
    @Test func `each family has its help, its type and its samples`() {
        let text = Exposition.text([
            .counter("a_total", "Things.", 3),
            .gauge(
                "b_seconds", "Other things.", [([("area", "new")], 0.25), ([("area", "delivered"), ("x", "y")], -1)]),
            .gauge("c", "None yet.", []),
        ])
        #expect(
            text == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total 3
                # HELP b_seconds Other things.
                # TYPE b_seconds gauge
                b_seconds{area="new"} 0.25
                b_seconds{area="delivered",x="y"} -1
                # HELP c None yet.
                # TYPE c gauge

                """)
    }

    @Test func `characters that would break a line are escaped`() {
        let text = Exposition.text([
            .gauge("a", "A \\ and \"\n in help.", [([("l", "a \\ and \"\n in a label, früh")], 1)])
        ])
        #expect(
            text == #"""
                # HELP a A \\ and "\n in help.
                # TYPE a gauge
                a{l="a \\ and \"\n in a label, früh"} 1

                """#)
    }

    @Test(arguments: [
        (0.0, "0"), (1, "1"), (-2, "-2"), (0.1, "0.1"), (0.000_01, "1e-05"), (1e15, "1000000000000000"),
        (1.5e300, "1.5e+300"), (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"),
    ])
    func `numbers are written as Go parses them`(_ value: Double, _ text: String) {
        #expect(Exposition.number(value) == text)
    }

    @Test func `a histogram counts each duration in every bucket that it fits in`() {
        let histogram = Histogram(bounds: [0.001, 0.01, 1])
        for seconds in [0.0005, 0.001, 0.002, 0.5, 2, 3] { histogram.observe(seconds) }
        #expect(
            Exposition.text([.histogram("h_seconds", "Durations.", [([("callback", "eom")], histogram)])]) == """
                # HELP h_seconds Durations.
                # TYPE h_seconds histogram
                h_seconds_bucket{callback="eom",le="0.001"} 2
                h_seconds_bucket{callback="eom",le="0.01"} 3
                h_seconds_bucket{callback="eom",le="1"} 4
                h_seconds_bucket{callback="eom",le="+Inf"} 6
                h_seconds_sum{callback="eom"} 5.5035
                h_seconds_count{callback="eom"} 6

                """)
    }

    @Test func `impossible durations break nothing`() {
        let histogram = Histogram(bounds: [1])
        for _ in 1...20 { for seconds in [-1, .nan, .infinity, 1e300] { histogram.observe(seconds) } }
        #expect(histogram.snapshot.count == 80 && histogram.snapshot.sum.isFinite)
    }

    @Test func `no count is lost when threads count at once`() {
        enum Label: CaseIterable { case one, other }
        let (counter, table, histogram) = (Counter(), CounterTable<Label>(), Histogram(bounds: [0.5]))
        let running = Atomic(4)
        for _ in 0..<4 {
            var thread = pthread_t()
            let work = Unmanaged.passRetained(
                Work {
                    for step in 0..<10_000 {
                        counter.add()
                        table.add(step.isMultiple(of: 2) ? .one : .other, 2)
                        histogram.observe(step.isMultiple(of: 4) ? 1 : 0.25)
                    }
                    running.subtract(1, ordering: .releasing)
                })
            pthread_create(
                &thread, nil,
                { pointer in
                    Unmanaged<Work>.fromOpaque(pointer!).takeRetainedValue().body()
                    return nil
                }, work.toOpaque())
            pthread_detach(thread)
        }
        while running.load(ordering: .acquiring) > 0 { sched_yield() }
        #expect(counter.value == 40_000)
        #expect(table[.one] == 40_000 && table[.other] == 40_000)
        #expect(histogram.snapshot.buckets.map(\.count) == [30_000, 40_000])
        #expect(histogram.snapshot.sum == 17_500)
    }

    @Test func `the process metrics that Prometheus expects are exported`() throws {
        let families = Dictionary(uniqueKeysWithValues: ProcessMetrics.families().map { ($0.name, $0) })
        #expect(
            families.keys.sorted() == [
                "process_cpu_seconds_total", "process_max_fds", "process_open_fds", "process_resident_memory_bytes",
                "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes",
            ])
        func value(_ name: String) throws -> Double { try #require(families[name]?.samples.first).value }
        let now = Double(time(nil))
        #expect(try (now - 3600...now + 1).contains(value("process_start_time_seconds")))
        #expect(try value("process_resident_memory_bytes") > 1_000_000)
        #expect(try value("process_virtual_memory_bytes") >= value("process_resident_memory_bytes"))
        #expect(try value("process_threads") >= 1 && value("process_open_fds") >= 3)
        #expect(try value("process_max_fds") > value("process_open_fds"))
        #expect(try value("process_cpu_seconds_total") >= 0)
    }

    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
}
