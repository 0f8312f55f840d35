/// A parser of untrusted input, with the invariants that hold for any input. libFuzzer (`deploy/fuzz`) searches for
/// bytes that break it; `CorpusTests` runs the kept inputs.
///
/// A target traps or throws `Broken` if an invariant does not hold, and returns otherwise; refusing input is fine.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Header fields, message ids, markers, and the decision made from them.
    case header
    /// Addresses in header fields, envelopes and arguments.
    case address
    /// Encoded words in header fields.
    case words
    /// Files of the spool.
    case spool
    /// The copy of routing on disk.
    case routing
    /// The arguments of lever.ingest.
    case ingest
    /// A whole message as shown to a person.
    case mail
    /// Its texts, without the MIME around them: HTML, plain text, character sets.
    case text
    /// Invitations: iCalendar.
    case calendar
    /// winmail.dat.
    case tnef
    /// Signed and encrypted content: CMS.
    case smime
    /// The configuration file.
    case configuration
    /// Files of keys, and public keys.
    case keys
    /// Sealed messages.
    case sealed
    /// Files of past mail: mbox, and single messages.
    case store

    /// A broken invariant.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    func run(_ input: [UInt8]) throws {
        switch self {
        case .header: try HeaderTarget.run(input)
        case .address: try AddressTarget.run(input)
        case .words: try WordsTarget.run(input)
        case .spool: try SpoolTarget.run(input)
        case .routing: try RoutingTarget.run(input)
        case .ingest: try IngestTarget.run(input)
        case .mail: try MailTarget.run(input)
        case .text: try TextTarget.run(input)
        case .calendar: try CalendarTarget.run(input)
        case .tnef: try TNEFTarget.run(input)
        case .smime: try SMIMETarget.run(input)
        case .configuration: try ConfigurationTarget.run(input)
        case .keys: try KeysTarget.run(input)
        case .sealed: try SealedTarget.run(input)
        case .store: try StoreTarget.run(input)
        }
    }
}

/// Throws unless the invariant, named in words, holds.
func require(_ promise: @autoclosure () -> String, _ isKept: Bool) throws(FuzzTarget.Broken) {
    if !isKept { throw FuzzTarget.Broken(description: promise()) }
}
