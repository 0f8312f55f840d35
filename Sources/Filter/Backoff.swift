/// Time between tries: doubles from a minimum to a maximum, and each is taken at random from its upper half, so that
/// many hosts do not return to a recovered database at one moment.
struct Backoff: Sendable {
    /// Seconds.
    private let range: ClosedRange<Double>
    private var ceiling: Double

    init(_ range: ClosedRange<Int>) {
        self.range = Double(range.lowerBound)...Double(range.upperBound)
        ceiling = self.range.lowerBound
    }

    /// Seconds to wait before the next try.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
        defer { ceiling = min(ceiling * 2, range.upperBound) }
        return .random(in: ceiling / 2...ceiling, using: &generator)
    }

    mutating func reset() { ceiling = range.lowerBound }
}
