/// A line of the table: our figure, and its reference.
struct Line: Encodable {
    /// A line's target, for the median.
    enum Target: Encodable {
        case ratioAtLeast(Double)
        case ratioAtMost(Double)
        /// In the line's unit.
        case valueAtMost(Double)

        var text: String {
            switch self {
            case .ratioAtLeast(let bound): "ratio >= \(number(bound))"
            case .ratioAtMost(let bound): "ratio <= \(number(bound))"
            case .valueAtMost(let bound): "<= \(number(bound))"
            }
        }
    }

    /// A point in the picture that Benchmarks/plot draws.
    struct Point: Encodable {
        let curve: String
        /// The independent variable.
        let axis: String
        let x: Double
    }

    let suite: String
    let name: String
    let unit: String
    let value: Samples
    /// The reference, measured in the same rounds.
    let reference: Samples?
    let referenceName: String?
    let ratio: Samples?
    let target: Target?
    /// Nil without a target.
    let isMet: Bool?
    /// Set if the line is a point of a curve.
    let point: Point?

    init(
        _ suite: String, _ name: String, _ value: Samples, _ unit: String,
        against reference: (name: String, samples: Samples)? = nil, target: Target? = nil, point: Point? = nil
    ) {
        self.point = point
        self.suite = suite
        self.name = name
        self.unit = unit
        self.value = value
        self.reference = reference?.samples
        referenceName = reference?.name
        let ratio = reference.map { value / $0.samples }
        self.ratio = ratio
        self.target = target
        isMet =
            switch target {
            case .ratioAtLeast(let bound): ratio!.median >= bound
            case .ratioAtMost(let bound): ratio!.median <= bound
            case .valueAtMost(let bound): value.median <= bound
            case nil: nil
            }
    }
}

/// Text columns with a header line.
func table(_ lines: [Line]) -> String {
    var rows = [["", "measured", "unit", "held against", "measured", "ratio", "(least to most)", "target", ""]]
    for line in lines {
        rows.append([
            line.name, number(line.value.median), line.unit, line.referenceName ?? "",
            line.reference.map { number($0.median) } ?? "", line.ratio.map { number($0.median) } ?? "",
            spread(line.ratio ?? line.value), line.target?.text ?? "",
            line.isMet.map { $0 ? "met" : "missed" } ?? "",
        ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max()! }
    return rows.map { row in
        var text = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
        while text.last == " " { text.removeLast() }
        return text
    }.joined(separator: "\n")
}

private func spread(_ samples: Samples) -> String { "(\(number(samples.least)) to \(number(samples.most)))" }

/// Three significant digits.
private func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return "\(value)" }
    var (digits, magnitude) = (2, abs(value))
    while magnitude >= 10, digits > 0 { (digits, magnitude) = (digits - 1, magnitude / 10) }
    while magnitude < 1 { (digits, magnitude) = (digits + 1, magnitude * 10) }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (abs(value) * scale).rounded()
    let (whole, rest) = (Int(scaled / scale), Int(scaled) % Int(scale))
    let sign = value < 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    let fraction = String(rest)
    return "\(sign)\(whole).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
