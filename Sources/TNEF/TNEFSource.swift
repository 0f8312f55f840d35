/// The attributes of a TNEF stream (MS-OXTNEF section 2.1.3.1): level, name, length, value, checksum. Values are slices
/// of the stream. Checksums are not compared: they are of 16 bits, and a damaged text is better than none.
struct TNEFSource {
    struct Attachment {
        var title: ArraySlice<UInt8> = []
        var data: ArraySlice<UInt8> = []
        var properties: ArraySlice<UInt8> = []
    }

    private(set) var messageClass: ArraySlice<UInt8> = []
    private(set) var subject: ArraySlice<UInt8> = []
    private(set) var body: ArraySlice<UInt8> = []
    /// The message's property list.
    private(set) var properties: ArraySlice<UInt8> = []
    private(set) var attachments: [Attachment] = []
    /// Those beyond the limit.
    private(set) var omittedAttachments = 0
    /// Windows' number of the code page of texts that are not Unicode.
    private(set) var codePage = 1252

    /// Nil if the signature is missing.
    init?(_ bytes: [UInt8]) {
        var reader = LittleEndianReader(bytes[...])
        guard reader.word() == 0x223e_9f78, reader.short() != nil else { return nil }
        while let level = reader.byte(), let name = reader.word(), let length = reader.word() {
            // A stream that is cut still has the start of its last value.
            let value = reader.rest.prefix(Int(length))
            take(value, Attribute(rawValue: name), isAttachment: level == 2)
            guard reader.bytes(Int(length)) != nil, reader.short() != nil else { return }
        }
    }

    /// Of the many, those that are read: type and identifier.
    private enum Attribute: UInt32 {
        case subject = 0x0001_8004
        case messageClass = 0x0007_8008
        case body = 0x0002_800c
        case attachmentData = 0x0006_800f
        case attachmentTitle = 0x0001_8010
        case attachmentStart = 0x0006_9002
        case properties = 0x0006_9003
        case attachmentProperties = 0x0006_9005
        case codePage = 0x0006_9007
    }

    private mutating func take(_ value: ArraySlice<UInt8>, _ attribute: Attribute?, isAttachment: Bool) {
        if attribute == .attachmentStart || isAttachment && attachments.isEmpty {
            if attachments.count < TNEFLimits.attachments {
                attachments.append(Attachment())
            } else {
                omittedAttachments += 1
            }
        }
        if isAttachment, omittedAttachments > 0 { return }
        let last = attachments.count - 1
        switch attribute {
        case .subject where subject.isEmpty: subject = value
        case .messageClass where messageClass.isEmpty: messageClass = value
        case .body where body.isEmpty: body = value
        case .properties where properties.isEmpty: properties = value
        case .codePage:
            var reader = LittleEndianReader(value)
            codePage = reader.word().map { Int($0) } ?? codePage
        case .attachmentTitle where last >= 0: attachments[last].title = value
        case .attachmentData where last >= 0: attachments[last].data = value
        case .attachmentProperties where last >= 0: attachments[last].properties = value
        default: break
        }
    }
}
