import CLinux
import Glibc

/// Whether this host's clock is right: it orders timelines, and retention counts by it.
struct ClockCheck {
    let probes: [DatabaseProbe]

    func findings() -> [Finding] { [database, synchronised] }

    private var database: Finding {
        guard let server = probes.lazy.compactMap({ $0.facts?.server }).first else {
            return .notChecked(.clockDatabase, "no database to compare with")
        }
        return Self.compare(ahead: server.clockAhead, uncertainty: server.clockUncertainty)
    }

    /// `ahead` is how far the database's clock is ahead, with its uncertainty; both in milliseconds.
    static func compare(ahead: Int, uncertainty: Int) -> Finding {
        let difference = max(0, abs(ahead) - uncertainty)
        let text = "the database's clock is \(abs(ahead)) ms \(ahead < 0 ? "behind" : "ahead")"
        let advice = "synchronise both hosts with a time server: timedatectl set-ntp true, or chrony"
        switch difference {
        case ..<5000: return .ok(.clockDatabase, text)
        case ..<300_000: return .warning(.clockDatabase, text, do: advice)
        default: return .critical(.clockDatabase, text, do: advice)
        }
    }

    private var synchronised: Finding {
        switch CLinux_clock_is_synchronised() {
        case 1: .ok(.clockSynchronised, "the clock is synchronised with a time server")
        case 0:
            .warning(
                .clockSynchronised, "the clock is not synchronised with a time server",
                do: "timedatectl set-ntp true, or install chrony; in a container, on its host")
        default: .notChecked(.clockSynchronised, "adjtimex: \(errorText())")
        }
    }
}
