/// The pause between two attempts: it doubles from a minimum to a maximum, and each pause is drawn from the upper half
/// of its range, so that many hosts do not return to a recovered database at once.
struct Backoff: Sendable {
    /// Seconds.
    private let range: ClosedRange<Double>
    private var ceiling: Double

    init(_ range: ClosedRange<Int>) {
        self.range = Double(range.lowerBound)...Double(range.upperBound)
        ceiling = self.range.lowerBound
    }

    /// Seconds to wait before the next attempt.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Double {
        defer { ceiling = min(ceiling * 2, range.upperBound) }
        return .random(in: ceiling / 2...ceiling, using: &generator)
    }

    mutating func reset() { ceiling = range.lowerBound }
}
