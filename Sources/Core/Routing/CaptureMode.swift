/// What becomes of a message that is a company's to capture: its marker holds, and nothing else is against it.
public enum CaptureMode: String, CaseIterable, Sendable {
    /// Sealed, and stored in the database.
    case store
    /// The company's forward address becomes one more recipient; nothing is stored.
    case forward
    /// Both.
    case storeAndForward = "store+forward"
    /// Neither: what would have become of it is logged and recorded.
    case observe

    public var stores: Bool { self == .store || self == .storeAndForward }
    public var forwards: Bool { self == .forward || self == .storeAndForward }
}
