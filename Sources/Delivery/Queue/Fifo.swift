/// A queue on an array: what was taken is dropped from the array when it is half of it.
struct Fifo<Element>: Sequence {
    private var elements: ArraySlice<Element> = []

    var isEmpty: Bool { elements.isEmpty }
    var count: Int { elements.count }

    func makeIterator() -> ArraySlice<Element>.Iterator { elements.makeIterator() }

    mutating func append(_ element: Element) { elements.append(element) }

    /// Puts elements back to the front, the first of them first.
    mutating func restore(_ taken: [Element]) {
        elements = ArraySlice(taken + elements)
    }

    mutating func popFirst() -> Element? { elements.popFirst() }

    mutating func take(_ limit: Int) -> [Element] {
        defer { elements = elements.dropFirst(limit) }
        return Array(elements.prefix(limit))
    }
}
