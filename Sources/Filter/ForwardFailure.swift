/// A message could not be forwarded.
enum ForwardFailure: Error, CustomStringConvertible {
    case notOffered
    case refused(String)

    var description: String {
        switch self {
        case .notOffered:
            """
            the mail server does not let filters add recipients with parameters, and header fields; Postfix 2.11 or \
            later does
            """
        case .refused(let reason): "not forwarded: \(reason)"
        }
    }
}
