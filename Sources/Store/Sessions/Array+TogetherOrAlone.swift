extension Array {
    /// Sends a batch that is taken or refused as a whole. If it fails because of one element, sends each alone, so that
    /// only the one at fault fails.
    ///
    /// `isElements`: whether an error is that of an element; any other is thrown. `fails` is called for an element that
    /// failed alone.
    public func togetherOrAlone(
        _ send: ([Element]) throws -> Void, isElements: (any Error) -> Bool, fails: (Element, any Error) -> Void
    ) throws {
        guard !isEmpty else { return }
        do {
            try send(self)
        } catch  where isElements(error) {
            guard count > 1 else { return fails(self[0], error) }
            for element in self { try [element].togetherOrAlone(send, isElements: isElements, fails: fails) }
        }
    }
}
