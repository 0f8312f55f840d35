public import Core

extension Routing.Company {
    /// The company lacks a key. Its mail must be deferred, not passed uncaptured.
    public struct MissingKey: Error, CustomStringConvertible {
        public let description: String

        private init(_ description: String) { self.description = description }

        public static func sealingKey(_ company: CompanyID) -> MissingKey {
            MissingKey("company \(company) has no sealing key; run 'leverctl key generate'")
        }

        static func indexKey(_ company: CompanyID) -> MissingKey {
            MissingKey("company \(company) has no index key")
        }
    }
}
