import Foundation
import TestSupport

/// A process's resources at one moment, from /proc.
struct Vitals: Sendable {
    /// Seconds, by `now()`.
    let time: Double
    /// KiB of resident memory.
    let resident: Int
    let descriptors: Int
    let threads: Int

    /// Nil if the process is gone.
    init?(of pid: Int32) {
        guard let status = try? contents(of: "/proc/\(pid)/status"),
            let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")
        else { return nil }
        func number(_ name: String) -> Int? {
            String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("\(name):") }
                .flatMap { Int($0.dropFirst(name.count + 1).filter(\.isNumber)) }
        }
        guard let resident = number("VmRSS"), let threads = number("Threads") else { return nil }
        (time, self.resident, descriptors, self.threads) = (now(), resident, open.count, threads)
    }
}

/// A process's growth in its steady state: medians of the first and the last tenth of the samples, the first minute
/// left out, or the first fifth of a shorter life.
struct Growth: Sendable {
    let seconds: Double
    let first: (resident: Int, descriptors: Int, threads: Int)
    let last: (resident: Int, descriptors: Int, threads: Int)

    /// Nil if the process did not live long enough.
    init?(_ samples: [Vitals]) {
        guard let start = samples.first?.time, let end = samples.last?.time else { return nil }
        let steady = samples.filter { $0.time - start >= min(60, (end - start) / 5) }
        let part = max(5, steady.count / 10)
        guard steady.count >= 2 * part else { return nil }
        func median(_ samples: ArraySlice<Vitals>, _ value: (Vitals) -> Int) -> Int {
            samples.map(value).sorted()[samples.count / 2]
        }
        func medians(_ samples: ArraySlice<Vitals>) -> (Int, Int, Int) {
            (median(samples, \.resident), median(samples, \.descriptors), median(samples, \.threads))
        }
        seconds = end - steady[0].time
        first = medians(steady.prefix(part))
        last = medians(steady.suffix(part))
    }
}
