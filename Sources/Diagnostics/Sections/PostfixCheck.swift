import Core
import SettingsFile
import Spool

/// Whether Postfix passes all of its mail through this filter, and what it does while the filter is down.
struct PostfixCheck {
    let settings: Settings
    let postfix: PostfixSetup.Search
    /// Where the filter listens; nil if unknown.
    let endpoint: Endpoint?

    /// The copy that the daemon keeps.
    private var routing: Routing? {
        guard let spool = settings.spool, let rows = try? RoutingFile(path: "\(spool)/routing").load() else {
            return nil
        }
        return try? Routing(rows: rows)
    }

    func findings() -> [Finding] {
        switch postfix {
        case .none(let reason):
            return [.notChecked(.postfixSetup, reason + "; another instance: --postfix-config DIR")]
        case .failed(let reason):
            return [
                .critical(.postfixSetup, oneLine(reason), do: "run 'postfix check', and correct what it reports")
            ]
        case .found(let setup):
            guard let endpoint else {
                return [.notChecked(.postfixSetup, "the filter's address is not visible; run this as root")]
            }
            return PostfixFindings(settings: settings, setup: setup, endpoint: endpoint, routing: routing).all
        }
    }
}
