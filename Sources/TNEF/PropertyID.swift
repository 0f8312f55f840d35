/// The properties that are read (MS-OXPROPS); named ones by their number in the set of appointments.
enum PropertyID: UInt16 {
    case messageClass = 0x001a
    case startDate = 0x0060
    case endDate = 0x0061
    case body = 0x1000
    case compressedRTF = 0x1009
    case html = 0x1013
    case displayName = 0x3001
    case object = 0x3701
    case fileName = 0x3704
    case longFileName = 0x3707
    case mimeType = 0x370e
    case internetCodePage = 0x3fde
    case messageCodePage = 0x3ffd
    case meetingPlace = 0x8208
    case meetingStart = 0x820d
    case meetingEnd = 0x820e

    var isNamed: Bool { rawValue >= 0x8000 }

    /// PSETID_Appointment, as it is stored.
    static let appointments: [UInt8] = [0x02, 0x20, 0x06, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46]
}
