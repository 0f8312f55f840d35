/// How long to leave alone what the database held up: longer after each attempt that is held up again, shorter after
/// each that is not. A plain value.
struct HoldUp {
    /// Seconds.
    private let range: ClosedRange<Double>
    private(set) var pause = 0.0
    /// In `MonotonicClock.seconds`.
    private(set) var until = 0.0

    init(_ range: ClosedRange<Double>) { self.range = range }

    func isOver(at now: Double) -> Bool { now >= until }

    /// `least`: seconds that it is left alone in any case.
    mutating func heldUp(at now: Double, least: Double = 0) {
        pause = min(max(pause * 2, range.lowerBound), range.upperBound)
        until = now + max(pause, least)
    }

    mutating func succeeded() {
        pause = pause > range.lowerBound ? pause / 2 : 0
        until = 0
    }

    mutating func end() { until = 0 }
}
