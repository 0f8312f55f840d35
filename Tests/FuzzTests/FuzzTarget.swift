/// Something that reads what others wrote, with what must hold whatever they wrote. libFuzzer (`deploy/fuzz`) searches
/// for bytes that break it; `CorpusTests` goes through those that are kept.
///
/// A target traps or throws `Broken` where the promise does not hold, and returns otherwise: refusing is keeping it.
enum FuzzTarget: String, CaseIterable, Sendable {
    /// Header fields, message ids, markers, and the decision made from them.
    case header
    /// Files of the spool.
    case spool
    /// The copy of routing on disk.
    case routing
    /// The arguments of lever.ingest.
    case ingest
    /// A whole message as a person is shown it.
    case mail
    /// Its texts, without the MIME around them: HTML, plain text, character sets.
    case text
    /// The configuration file.
    case configuration
    /// Files of keys, and public keys.
    case keys
    /// Sealed messages.
    case sealed
    /// Files of past mail: mbox, and single messages.
    case store

    /// A promise that does not hold.
    struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    func run(_ input: [UInt8]) throws {
        switch self {
        case .header: try HeaderTarget.run(input)
        case .spool: try SpoolTarget.run(input)
        case .routing: try RoutingTarget.run(input)
        case .ingest: try IngestTarget.run(input)
        case .mail: try MailTarget.run(input)
        case .text: try TextTarget.run(input)
        case .configuration: try ConfigurationTarget.run(input)
        case .keys: try KeysTarget.run(input)
        case .sealed: try SealedTarget.run(input)
        case .store: try StoreTarget.run(input)
        }
    }
}

/// Throws unless the promise, named in words, is kept.
func require(_ promise: @autoclosure () -> String, _ isKept: Bool) throws(FuzzTarget.Broken) {
    if !isKept { throw FuzzTarget.Broken(description: promise()) }
}
