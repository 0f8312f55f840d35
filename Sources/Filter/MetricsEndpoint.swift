import LibMicrohttpd
import Metrics
import Spool

/// Answers over HTTP how the daemon is: `/metrics` for Prometheus, `/healthy` and `/ready` for whoever restarts it or
/// sends mail its way.
struct MetricsEndpoint: Sendable {
    private let context: FilterContext
    private let report: MetricsReport

    init(context: FilterContext, version: String) {
        self.context = context
        report = MetricsReport(context: context, version: version)
    }

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        let methods = ["GET", "HEAD"]
        guard ["/metrics", "/healthy", "/ready"].contains(request.path) else {
            return Self.line(404, "there is /metrics, /healthy and /ready")
        }
        guard methods.contains(request.method) else {
            return Self.line(405, "GET and HEAD are allowed", allow: methods.joined(separator: ", "))
        }
        switch request.path {
        case "/metrics":
            return HTTPResponse(
                contentType: Exposition.contentType, body: Array(Exposition.text(report.families()).utf8))
        case "/healthy": return Self.state(unhealthy)
        default: return Self.state(unready)
        }
    }

    /// Why the daemon should be started anew; nil for no reason. The database being away is none, nor a slow disk.
    private var unhealthy: String? {
        context.metrics.progress.overdue().map { "the delivery thread is \(Int($0)) s late" }
    }

    /// Why marked mail would not be accepted; nil for no reason. The database being away is none: the spool takes it.
    private var unready: String? {
        if context.admission.isClosed { return "lever-milter is stopping" }
        do throws(SpoolError) {
            try context.spool.checkWritable()
            return nil
        } catch {
            return "\(error)"
        }
    }

    private static func state(_ reason: String?) -> HTTPResponse {
        reason.map { line(503, $0) } ?? line(200, "ok")
    }

    private static func line(_ status: Int, _ text: String, allow: String? = nil) -> HTTPResponse {
        HTTPResponse(status: status, allow: allow, body: Array("\(text)\n".utf8))
    }
}
