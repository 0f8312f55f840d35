import Core

/// The fields of one part's header, as they stand in the message.
///
/// A plain value. Field names compare without regard to ASCII case.
struct PartHeader: Sendable {
    private struct Field {
        let name: Range<Int>
        var value: Range<Int>
    }

    private let bytes: [UInt8]
    private let fields: [Field]

    /// Lines that are no fields are left out. Lines end as in `PartScanner`.
    init(_ bytes: [UInt8], _ range: Range<Int>, isMessage: Bool) {
        var fields: [Field] = []
        var isField = false
        var lines = LineScanner(bytes, range)
        lines.endsAtCarriageReturn = !isMessage || !lines.hasLineFeed
        while let line = lines.next() {
            if isField, bytes[line].first?.isBlank == true {
                fields[fields.count - 1].value = fields[fields.count - 1].value.lowerBound..<line.upperBound
            } else if let name = FieldName(startOf: bytes[line]) {
                isField = true
                let start = line.lowerBound
                fields.append(Field(name: start..<start + name.length, value: start + name.colon + 1..<line.upperBound))
            } else {
                isField = false
            }
        }
        self.bytes = bytes
        self.fields = fields
    }

    /// The values of every field of that name, in order: what follows the colon, folds included.
    func values(_ name: String) -> [ArraySlice<UInt8>] {
        let wanted = Array(name.utf8)
        return fields.compactMap { field in
            let isWanted =
                field.name.count == wanted.count
                && bytes[field.name].elementsEqual(wanted) { $0.asciiLowercased == $1.asciiLowercased }
            return isWanted ? bytes[field.value] : nil
        }
    }
}
