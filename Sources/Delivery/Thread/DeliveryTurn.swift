import Store

/// One turn of the delivery thread: the connection and the options that hold until its end.
struct DeliveryTurn {
    let connection: IngestSession
    let options: DeliveryOptions
    let context: DeliveryContext

    /// A few database calls follow, perhaps one to each of its hosts, or work on a part of the spool.
    func expectStep() { context.expectStep(options) }
}

extension DeliveryContext {
    func expectStep(_ options: DeliveryOptions) {
        metrics.progress.expect(within: 10 * Double(options.databaseTimeout) + 60)
    }
}
