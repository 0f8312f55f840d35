/// A metric as it is exported: name, help and samples.
public struct MetricFamily: Sendable {
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    public typealias Labels = [(name: String, value: String)]

    struct Sample: Sendable {
        /// Appended to the name: `_bucket`, `_sum`, `_count`.
        var suffix = ""
        var labels: Labels
        var value: Double
    }

    public let name: String
    public let kind: Kind
    /// One sentence.
    public let help: String
    private(set) var samples: [Sample] = []

    private init(_ name: String, _ kind: Kind, _ help: String) {
        (self.name, self.kind, self.help) = (name, kind, help)
    }

    public static func counter(_ name: String, _ help: String, _ value: some BinaryInteger) -> MetricFamily {
        .counter(name, help, [([], Double(value))])
    }

    public static func counter(_ name: String, _ help: String, _ values: [(Labels, Double)]) -> MetricFamily {
        precondition(name.hasSuffix("_total"), "the name of a counter ends in _total")
        return .init(name, .counter, help, values)
    }

    public static func gauge(_ name: String, _ help: String, _ value: Double) -> MetricFamily {
        .gauge(name, help, [([], value)])
    }

    public static func gauge(_ name: String, _ help: String, _ values: [(Labels, Double)]) -> MetricFamily {
        .init(name, .gauge, help, values)
    }

    public static func histogram(_ name: String, _ help: String, _ histogram: Histogram) -> MetricFamily {
        .histogram(name, help, [([], histogram)])
    }

    public static func histogram(_ name: String, _ help: String, _ values: [(Labels, Histogram)]) -> MetricFamily {
        var family = MetricFamily(name, .histogram, help)
        for (labels, histogram) in values {
            let snapshot = histogram.snapshot
            for (bound, count) in snapshot.buckets {
                family.samples.append(
                    Sample(
                        suffix: "_bucket", labels: labels + [("le", Exposition.number(bound))], value: Double(count)))
            }
            family.samples.append(Sample(suffix: "_sum", labels: labels, value: snapshot.sum))
            family.samples.append(Sample(suffix: "_count", labels: labels, value: Double(snapshot.count)))
        }
        return family
    }

    private init(_ name: String, _ kind: Kind, _ help: String, _ values: [(Labels, Double)]) {
        self.init(name, kind, help)
        samples = values.map { Sample(labels: $0.0, value: $0.1) }
    }
}
