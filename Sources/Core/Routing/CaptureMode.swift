/// What happens to a message that a company is to capture: its marker is valid, and nothing else rules it out.
public enum CaptureMode: String, CaseIterable, Sendable {
    /// It is sealed and stored in the database.
    case store
    /// The company's forward address is added as a recipient; nothing is stored.
    case forward
    /// Both.
    case storeAndForward = "store+forward"
    /// Neither: the outcome it would have had is logged and recorded.
    case observe

    public var stores: Bool { self == .store || self == .storeAndForward }
    public var forwards: Bool { self == .forward || self == .storeAndForward }
}
