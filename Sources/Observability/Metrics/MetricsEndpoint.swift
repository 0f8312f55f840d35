import DaemonMetrics
public import LibMicrohttpd

/// The daemon's state over HTTP: `/metrics` for Prometheus, `/healthy` and `/ready` for the programs that restart the
/// daemon or send mail its way. Called on the HTTP server's thread.
public struct MetricsEndpoint: Sendable {
    private let health: Health
    private let report: MetricsReport

    public init(report: MetricsReport, health: Health) {
        self.report = report
        self.health = health
    }

    public func answer(_ request: HTTPRequest) -> HTTPResponse {
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
                contentType: Exposition.contentType, body: Array(Exposition.text(report.families(health)).utf8))
        case "/healthy": return Self.state(health.unhealthy)
        default: return Self.state(health.unready)
        }
    }

    private static func state(_ reason: String?) -> HTTPResponse {
        reason.map { line(503, $0) } ?? line(200, "ok")
    }

    private static func line(_ status: Int, _ text: String, allow: String? = nil) -> HTTPResponse {
        HTTPResponse(status: status, allow: allow, body: Array("\(text)\n".utf8))
    }
}
