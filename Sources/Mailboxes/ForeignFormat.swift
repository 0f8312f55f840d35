/// A file in which mail programs keep mail, and which is no mail by itself: told by its first bytes, as file(1) does.
enum ForeignFormat: CaseIterable, Sendable {
    case outlookMessage
    case outlookStore
    case outlookOfflineStore
    case outlookExpressFolder
    case notesDatabase
    case tnef
    case zip
    case xz
    case bzip2
    case zstandard

    /// Bytes of a file that tell what it is.
    static let signatureLength = 16

    /// Nil for what may be mail.
    init?(start: [UInt8]) {
        guard let found = Self.allCases.first(where: { $0.isSignature(start) }) else { return nil }
        self = found
    }

    private func isSignature(_ start: [UInt8]) -> Bool {
        switch self {
        // A compound file (MS-CFB section 2.2), which an .msg file is (MS-OXMSG).
        case .outlookMessage: start.starts(with: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
        // MS-PST section 2.2.2.6: dwMagic, and behind the checksum the client that wrote it.
        case .outlookStore: start.starts(with: Array("!BDN".utf8)) && !isOffline(start)
        case .outlookOfflineStore: start.starts(with: Array("!BDN".utf8)) && isOffline(start)
        case .outlookExpressFolder: start.starts(with: [0xcf, 0xad, 0x12, 0xfe])
        case .notesDatabase: start.starts(with: [0x1a, 0x00, 0x00, 0x04, 0x00, 0x00])
        // MS-OXTNEF section 2.1.3.1.
        case .tnef: start.starts(with: [0x78, 0x9f, 0x3e, 0x22])
        case .zip: start.starts(with: [0x50, 0x4b, 0x03, 0x04])
        case .xz: start.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])
        case .bzip2: start.starts(with: Array("BZh".utf8)) && start.dropFirst(4).starts(with: [0x31, 0x41, 0x59])
        case .zstandard: start.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
        }
    }

    private func isOffline(_ start: [UInt8]) -> Bool { start.dropFirst(8).starts(with: Array("SO".utf8)) }

    /// What it is, and how its mail gets here.
    var reason: String {
        switch self {
        case .outlookMessage:
            "it is a message as Outlook saves it (.msg), which is not the mail as it was sent: 'msgconvert --outfile "
                + "FILE.eml FILE.msg' of Debian's libemail-outlook-message-perl makes one of it, or replay the "
                + "mailbox that has it"
        case .outlookStore:
            "it is an Outlook store (.pst): 'readpst -e -o DIRECTORY FILE' of Debian's pst-utils writes its messages "
                + "as .eml files; replay the directory"
        case .outlookOfflineStore:
            "it is Outlook's copy of a mailbox (.ost): export the mailbox from the server, or from Outlook as .pst, "
                + "which 'readpst -e -o DIRECTORY FILE' of Debian's pst-utils turns into .eml files"
        case .outlookExpressFolder:
            "it is a folder of Outlook Express (.dbx): 'undbx FILE DIRECTORY' of Debian's undbx writes its messages as "
                + ".eml files; replay the directory"
        case .notesDatabase: "it is a Notes database (.nsf): export its messages as .eml files from Notes"
        case .tnef:
            "it is an attachment that Outlook makes (winmail.dat, .tnef), and no message: replay the message that it "
                + "came with"
        case .zip:
            "it is a ZIP archive, as Outlook for Mac exports mail (.olm): drag the messages from Outlook into a "
                + "directory, which makes .eml files; unpack any other archive, and replay what is in it"
        case .xz: "it is compressed by xz, and gzip alone is read: decompress it with 'unxz'"
        case .bzip2: "it is compressed by bzip2, and gzip alone is read: decompress it with 'bunzip2'"
        case .zstandard: "it is compressed by Zstandard, and gzip alone is read: decompress it with 'unzstd'"
        }
    }
}
