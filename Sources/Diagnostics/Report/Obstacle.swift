public import Store

extension Observation {
    /// An obstacle to storing the company's mail, and the advice for it.
    public struct Obstacle: Hashable, Sendable {
        public enum Kind: String, CaseIterable, Sendable {
            case notLimited = "not_limited"
            case noSealingKey = "no_sealing_key"
            case noHost = "no_host"
            case hostSilent = "host_silent"
            case hostBehind = "host_behind"
            case noMessages = "no_messages"
            case noInbound = "no_inbound"
            case noOutbound = "no_outbound"
            case badSignature = "bad_signature"
            case unknownKey = "unknown_key"
            case notParticipant = "not_participant"
            case spoolFailed = "spool_failed"
            case forwardFailed = "forward_failed"
            case ingestRejected = "ingest_rejected"
            case tooLarge = "too_large"
            case unknownThread = "unknown_thread"
        }

        public let kind: Kind
        public let problem: String
        public let advice: String
    }
}
