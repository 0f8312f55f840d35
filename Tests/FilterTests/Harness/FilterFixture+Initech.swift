import Core

extension FilterFixture {
    /// A second company on limited sync that stores, with an index key of its own.
    static let initech = CompanyID(rawValue: 4)
    static let initechRows = [
        Routing.Row(company: initech, item: .company, name: "limited"),
        Routing.Row(company: initech, item: .domain, name: "initech.example"),
        Routing.Row(company: initech, item: .sealingKey, value: sealingKey),
        Routing.Row(company: initech, item: .markerKey, version: 1, value: markerKeyBytes),
        Routing.Row(company: initech, item: .indexKey, version: 1, value: [UInt8](repeating: 3, count: 32)),
    ]
}
