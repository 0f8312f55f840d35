import Core

/// A record's codec in the spool. Both halves name the fields in the order of `lever.incoming`.
extension MessageRecord {
    func write(to writer: inout ByteWriter) {
        writer.integer(company.rawValue)
        writer.raw(entry.bytes)
        writer.integer(thread.rawValue)
        writer.name(direction)
        writer.integer(Int64(size ?? -1))
        writer.lengthPrefixed(host.utf8)
        writer.lengthPrefixed(queueID.utf8)
        writer.name(matched)
        writer.integer(acceptedAt.milliseconds)
        writer.integer(spooledAt?.milliseconds ?? 0)
        writer.name(forwarded)
        writer.lengthPrefixed(messageIDIndex ?? [])
        writer.integer(indexVersion ?? 0)
        writer.name(authentication)
        writer.lengthPrefixed(labels.map(\.rawValue).sorted().joined(separator: ",").utf8)
        writer.lengthPrefixed(senderIndex ?? [])
        writer.pieces(recipientIndices)
        writer.pieces(correspondents.map(\.packed))
        writer.pieces(learnedIDs)
        writer.pieces(dedupeKeys)
        writer.integer(externalCandidate?.rawValue ?? 0)
        writer.pieces(sealingKeyIDs)
        writer.lengthPrefixed(origin.map { $0.keyID + $0.signature } ?? [])
        writer.lengthPrefixed(copyIndex ?? [])
    }

    init(from reader: inout ByteReader) throws(ByteReader.Malformed) {
        let company = CompanyID(rawValue: try reader.integer())
        guard let entry = EntryID(bytes: try reader.raw(16)) else { throw ByteReader.Malformed() }
        let thread = ThreadID(rawValue: try reader.integer())
        let direction: Direction? = try reader.name()
        let size = try reader.integer(Int64.self)
        let host = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        let queueID = String(decoding: try reader.lengthPrefixed(), as: UTF8.self)
        let matched: MarkerField? = try reader.name()
        let acceptedAt = try reader.timestamp()
        self.init(
            company: company, thread: thread, entry: entry, acceptedAt: acceptedAt, host: host, queueID: queueID)
        self.direction = direction
        self.size = size < 0 ? nil : Int(size)
        self.matched = matched
        let spooledAt = try reader.timestamp()
        self.spooledAt = spooledAt.milliseconds > 0 ? spooledAt : nil
        forwarded = try reader.name()
        messageIDIndex = try reader.optional(length: 16)
        let indexVersion: UInt8 = try reader.integer()
        self.indexVersion = indexVersion == 0 ? nil : indexVersion
        guard let authentication: Authentication = try reader.name() else { throw ByteReader.Malformed() }
        self.authentication = authentication
        for name in try reader.lengthPrefixed().split(separator: UInt8(ascii: ",")) {
            guard let label = MessageLabel(rawValue: String(decoding: name, as: UTF8.self)) else {
                throw ByteReader.Malformed()
            }
            labels.insert(label)
        }
        senderIndex = try reader.optional(length: 16)
        recipientIndices = try reader.pieces(length: 16)
        correspondents = try reader.pieces(length: 17).map { BlindIndex(version: $0[0], bytes: Array($0[1...])) }
        learnedIDs = try reader.pieces(length: 16)
        dedupeKeys = try reader.pieces(length: 32)
        let candidate: Int64 = try reader.integer()
        guard candidate >= 0 else { throw ByteReader.Malformed() }
        externalCandidate = candidate == 0 ? nil : CandidateID(rawValue: candidate)
        sealingKeyIDs = try reader.pieces(length: 20)
        origin = try reader.optional(length: 84).map {
            OriginSignature(keyID: Array($0[..<20]), signature: Array($0[20...]))
        }
        copyIndex = try reader.optional(length: 16)
    }
}

extension ByteWriter {
    /// A value by its name; empty for nil.
    fileprivate mutating func name(_ value: (some RawRepresentable<String>)?) {
        lengthPrefixed((value?.rawValue ?? "").utf8)
    }

    /// Values of one length, one after the other.
    fileprivate mutating func pieces(_ values: [[UInt8]]) {
        lengthPrefixed(Array(values.joined()))
    }
}

extension ByteReader {
    fileprivate mutating func name<Value: RawRepresentable<String>>() throws(Malformed) -> Value? {
        let name = String(decoding: try lengthPrefixed(), as: UTF8.self)
        guard !name.isEmpty else { return nil }
        guard let value = Value(rawValue: name) else { throw Malformed() }
        return value
    }

    fileprivate mutating func timestamp() throws(Malformed) -> Timestamp {
        let time = Timestamp(milliseconds: try integer())
        guard Timestamp.supported.contains(time) else { throw Malformed() }
        return time
    }

    /// A value of that length; nil where it is empty.
    fileprivate mutating func optional(length: Int) throws(Malformed) -> [UInt8]? {
        let bytes = try lengthPrefixed()
        guard bytes.isEmpty || bytes.count == length else { throw Malformed() }
        return bytes.isEmpty ? nil : bytes
    }

    fileprivate mutating func pieces(length: Int) throws(Malformed) -> [[UInt8]] {
        let bytes = try lengthPrefixed()
        guard bytes.count.isMultiple(of: length) else { throw Malformed() }
        return stride(from: 0, to: bytes.count, by: length).map { Array(bytes[$0..<$0 + length]) }
    }
}
