/// What leverctl prints with `--json`, as far as tests, soak and benchmarks read it. Keys are in snake case;
/// `LeverCtl.decode` takes care of that. Lists are arrays of these.
///
/// Over 250 lines, since it is the one place that says what programs may rely on.
public enum LeverCtlJSON {
    // MARK: Companies, candidates, threads

    /// `company add`, `candidate add`: the number that was given out.
    public struct Added: Decodable, Sendable {
        public let id: Int64
        /// The anonymized candidate who applied again.
        public let formerly: Int64?
    }

    /// `company add`, `set`, `list`.
    public struct Company: Decodable, Equatable, Sendable {
        public let id: Int64
        public let name: String
        public let provider: String
        public let sync: String
        public let domains: [String]
    }

    /// `company sync`.
    public struct SyncChoices: Decodable, Sendable {
        public struct Scope: Decodable, Sendable {
            public let scope: String
            public let purpose: String
        }

        public struct Choice: Decodable, Sendable {
            public let name: String
            public let grants: [String]
            /// Why it cannot be chosen.
            public let refusal: String?
            public let google: [Scope]
            public let microsoft: [Scope]
        }

        public struct Captured: Decodable, Sendable {
            public let at: String
            public let host: String
            public let direction: String
        }

        public let sync: String
        public let lastCaptured: Captured?
        public let choices: [Choice]
    }

    /// `observe report`.
    public struct Observation: Decodable, Sendable {
        public struct Outcome: Decodable, Sendable {
            public let outcome: String
            public let direction: String?
            public let messages: Int
            public let messagesBefore: Int
            public let bytes: Int
        }

        public struct Day: Decodable, Sendable {
            public let host: String
            public let messages: Int
        }

        public struct Obstacle: Decodable, Sendable { public let kind: String }

        public let capture: String
        public let outcomes: [Outcome]
        public let days: [Day]
        public let threads: Int
        public let unknownThreads: Int
        public let unknownThreadMessages: Int
        public let isReady: Bool
        public let obstacles: [Obstacle]
    }

    /// `never-log add`, `list`. An address shows only with the private key.
    public struct NeverLogEntry: Decodable, Sendable {
        public let entry: String
        public let kind: String?
        public let value: String?
    }

    /// `candidate list`. Names and addresses show only with the private key.
    public struct Candidate: Decodable, Sendable {
        public let id: Int64
        public let name: String?
        public let email: String?
        public let anonymizedAt: String?
    }

    /// `thread start`.
    public struct StartedThread: Decodable, Sendable {
        public let thread: Int64
        public let candidate: Int64
        /// The message id that marks the thread, with angle brackets.
        public let messageId: String
    }

    // MARK: Reading and sending

    /// `timeline`.
    public struct Timeline: Decodable, Sendable {
        public struct Block: Decodable, Sendable {
            public let quoted: Bool
            public let text: String
        }

        public struct Attachment: Decodable, Sendable {
            public let name: String
            public let type: String
            /// Decoded bytes.
            public let size: Int
        }

        /// From `from` on, nothing is there if the message does not open.
        public struct Message: Decodable, Sendable {
            public let entry: String
            public let thread: Int64
            public let direction: String
            public let time: String
            /// Bytes of the raw message.
            public let size: Int
            public let secret: Bool
            public let labels: [String]
            public let authentication: String
            public let copies: [String]
            public let removedAt: String?
            public let origin: String?
            public let originProblem: String?
            public let from: String?
            public let to: String?
            public let subject: String?
            public let text: [Block]?
            public let attachments: [Attachment]?
            /// Base64.
            public let raw: String?
            /// Why it does not open.
            public let error: String?
        }

        public let company: String
        public let name: String?
        public let email: String?
        public let messages: [Message]

        /// Sorted.
        public var subjects: [String] { messages.compactMap(\.subject).sorted() }
    }

    /// `send`.
    public struct Sent: Decodable, Sendable {
        public let entry: String
        public let outcome: String
    }

    /// `outbox list`.
    public struct OutboxMessage: Decodable, Sendable {
        public let entry: String
        public let user: String
        public let candidate: Int64
        public let attempts: Int
        public let triedAt: String?
        public let error: String?
    }

    // MARK: Keys, users, audit, erasure

    /// `key generate`, `key list`.
    public struct Key: Decodable, Sendable {
        public let kind: String?
        public let keyId: String
        public let state: String
        public let escrow: Bool?
        public let messages: Int?
        public let profiles: Int?
    }

    /// `key rotate`: the state that the new key reached.
    public struct RotationStep: Decodable, Sendable { public let state: String }

    /// `user add`, `set`, `list`.
    public struct User: Decodable, Sendable {
        public let login: String
        public let role: String
        public let enabled: Bool
        public let email: String?
    }

    /// `user opt-in`.
    public struct Consent: Decodable, Sendable {
        public let send: Bool
        public let read: Bool
        public let sync: String
    }

    /// `thread secret`.
    public struct ThreadSecrecy: Decodable, Sendable {
        public let thread: Int64
        public let secret: Bool
    }

    /// `access list`.
    public struct Access: Decodable, Sendable {
        public struct Privilege: Decodable, Sendable {
            public let role: String
            public let object: String
            public let privileges: [String]
            public let rowsByCompany: Bool
        }

        public struct Login: Decodable, Sendable {
            public let login: String
            public let roles: [String]
            public let companies: [String]
            public let privileged: Bool
        }

        public let privileges: [Privilege]
        public let logins: [Login]
    }

    /// `audit list`.
    public struct AuditRow: Decodable, Sendable {
        public let sequence: Int64
        public let login: String
        public let action: String
        public let allowed: Bool
        public let entry: String?
        public let reason: String
    }

    /// `audit verify`.
    public struct AuditVerification: Decodable, Sendable {
        public let rows: Int64
        public let heads: Int
        public let faults: [String]
    }

    /// `message remove`.
    public struct RemovedMessage: Decodable, Sendable {
        public let entry: String
        public let company: Int64
    }

    /// `candidate anonymize`.
    public struct AnonymizedCandidate: Decodable, Sendable {
        public let candidate: Int64
        public let company: Int64
    }

    /// `retention run`.
    public struct RetentionRun: Decodable, Sendable {
        public let company: Int64
        public let deleted: Int?
    }

    // MARK: Operations

    /// `queue list`. A damaged message has no more than entry, state and reason.
    public struct QueueItem: Decodable, Sendable {
        public let entry: String
        public let state: String
        public let quarantined: Bool
        public let queueId: String?
        public let company: Int64?
        public let direction: String?
        public let reason: String?
    }

    /// `queue release`, `quarantine`, `delete`: what became of a message.
    public struct QueueChange: Decodable, Sendable {
        public let entry: String?
        public let queueId: String?
        public let state: String?
        public let result: String?
        public let error: String?
    }

    /// `queue show`, of a message that is whole.
    public struct QueuedMessage: Decodable, Sendable {
        public let entry: String
        public let state: String
        public let file: String
        public let queueId: String
        public let whole: Bool
        public let company: Int64
        public let thread: Int64
        /// Bytes: of the raw message, of what is sealed, of the file.
        public let size: Int
        public let sealedSize: Int
        public let fileSize: Int
        public let recipients: Int
        public let indexVersion: Int
        /// Seconds.
        public let waits: Int?
        public let sealedTo: [String]
        public let signedBy: String?
    }

    /// `deliveries`.
    public struct Delivery: Decodable, Sendable {
        public let queueId: String
        public let outcome: String
        public let company: Int64
        public let companyName: String?
    }

    /// `check`.
    public struct CheckReport: Decodable, Sendable {
        public struct Finding: Decodable, Sendable {
            public let id: String
            public let section: String
            public let status: String
            public let text: String
            public let `do`: String?
        }

        public let status: String
        public let summary: String
        public var findings: [Finding]

        /// What is not well.
        public var problems: [Finding] { findings.filter { ["warning", "critical"].contains($0.status) } }
    }

    /// `trace`.
    public struct Trace: Decodable, Sendable {
        public struct Place: Decodable, Sendable { public let area: String }
        public struct Step: Decodable, Sendable { public let text: String }

        public struct Story: Decodable, Sendable {
            public let queueId: String
            public let state: String
            public let meaning: [String]
            public let stored: Bool
            public let company: Int64?
            public let matched: String?
            public let acceptedAt: String?
            public let spooledAt: String?
            public let storedAt: String?
            public let reason: String?
            public let spool: [Place]
            public let log: [Step]
        }

        public struct Source: Decodable, Sendable {
            public let name: String
            public let found: Int?
            public let problem: String?
        }

        public let found: Bool
        public let stories: [Story]
        public let sources: [Source]
    }

    /// `trace --file`: how a message would be decided on.
    public struct Explanation: Decodable, Sendable {
        public let outcome: String
        public let matched: String?
    }

    /// `replay`.
    public struct ReplaySummary: Decodable, Sendable {
        public struct Failure: Decodable, Sendable {
            public let name: String
            public let reason: String
        }

        public let outcomes: [String: Int]
        public let failed: [Failure]
        public let messages: Int
        public let dryRun: Bool
        public let interrupted: Bool
    }
}
