/// The program that shows long text page by page.
struct PagerCommand {
    /// With arguments; a shell runs it, as POSIX says of PAGER. Nil for less, which may be missing.
    let shellCommand: String?
    /// Variables that the program gets where the environment does not set them.
    let defaults: [String: String]
    let showsColors: Bool

    /// `LEVER_PAGER`, else `PAGER`, else less. Nil if that is `cat`: no pager is wanted.
    ///
    /// less gets `FRX` unless `LESS` is set: it ends by itself if all fits on the screen, shows colours, and leaves the
    /// text on the screen.
    init?(environment: (String) -> String?) {
        shellCommand = environment("LEVER_PAGER") ?? environment("PAGER")
        guard shellCommand != "cat" else { return nil }
        let options = environment("LESS")
        showsColors = options.map { $0.contains { "Rr".contains($0) } } ?? true
        // The text is UTF-8 in every locale.
        defaults = ["LESS": "FRX", "LV": "-c", "LESSCHARSET": "utf-8"]
    }

    /// The program and its arguments.
    var arguments: [String] { shellCommand.map { ["/bin/sh", "-c", $0] } ?? ["less"] }

    /// The pager's environment: without the passphrase, and with what keeps less from starting programs, writing files
    /// and remembering what was searched for.
    func environment(of variables: [String: String]) -> [String: String] {
        var variables = variables
        variables["LEVER_PASSPHRASE"] = nil
        variables["LESSSECURE"] = "1"
        return variables.merging(defaults) { set, _ in set }
    }
}
