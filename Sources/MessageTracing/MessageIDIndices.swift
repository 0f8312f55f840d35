public import Core
import Sealing

/// The blind indices of a Message-ID, given without brackets: one for each live index key of each company.
public func messageIDIndices(_ messageID: [UInt8], routing: Routing) throws -> [CompanyID: [BlindIndex]] {
    try routing.companies.reduce(into: [:]) { indices, company in
        let keys = [company.indexKey].compactMap(\.self) + company.furtherIndexKeys
        indices[company.id] = try keys.map {
            BlindIndex(version: $0.version, bytes: try $0.messageIDIndex(messageID))
        }
    }
}
