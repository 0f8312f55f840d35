/// The values of one measurement's rounds, in one unit, in order.
struct Samples: Encodable, Sendable {
    let values: [Double]

    /// Not empty.
    init(_ values: [Double]) {
        precondition(!values.isEmpty)
        self.values = values
    }

    var median: Double {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
    var least: Double { values.min()! }
    var most: Double { values.max()! }

    /// Round by round, so that disturbances of both cancel out.
    static func / (above: Samples, below: Samples) -> Samples {
        precondition(above.values.count == below.values.count)
        return Samples(zip(above.values, below.values).map { $0 / $1 })
    }
}

/// Measures several things in turn, `count` times each after one warm-up round. Every other round runs in reverse
/// order, so that none always follows the same one. Results are in the order of `contenders`.
func interleaved<Value>(_ count: Int, _ contenders: [() throws -> Value]) throws -> [[Value]] {
    var results = contenders.map { _ in [Value]() }
    for round in 0...count {
        let order = round % 2 == 0 ? Array(contenders.indices) : contenders.indices.reversed()
        for index in order {
            let value = try contenders[index]()
            if round > 0 { results[index].append(value) }
        }
    }
    return results
}
