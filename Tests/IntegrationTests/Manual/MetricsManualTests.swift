import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// The manual, the dashboard and the alert rules, compared with what a daemon exports.
    @Suite
    struct MetricsManual {
        private let own: OwnDaemon
        private let page: MetricsPage
        private let repository = URL(fileURLWithPath: Repository.path)

        init() throws {
            let port = try Loopback.freePort()
            own = try OwnDaemon("metrics: inet:\(port)@127.0.0.1")
            page = MetricsPage(.port(port))
        }

        private func file(_ path: String) throws -> String {
            String(decoding: try contents(of: repository.appendingPathComponent(path).path), as: UTF8.self)
        }

        /// The labels of each exported name and their values; a histogram under the names of its samples.
        private func exported() throws -> [String: [String: Set<String>]] {
            var metrics: [String: [String: Set<String>]] = [:]
            for sample in try page.samples() {
                for (label, value) in sample.labels {
                    metrics[sample.name, default: [:]][label, default: []].insert(value)
                }
                if sample.labels.isEmpty { metrics[sample.name] = [:] }
            }
            return metrics
        }

        @Test func `every metric is in the manual, with its type and its labels`() throws {
            let types = try page.types()
            let exported = try exported()
            var listed: Set<String> = []
            for row in try file("docs/reference/metrics.md").split(separator: "\n") {
                guard row.hasPrefix("| `lever_milter_") || row.hasPrefix("| `process_") else { continue }
                let columns = row.dropFirst().dropLast().split(separator: "|").map {
                    $0.replacing("`", with: "").trimmingCharacters(in: .whitespaces)
                }
                #expect(columns.count == 4 && columns[3] != "", "\(row)")
                let name = columns[0]
                #expect(listed.insert(name).inserted, "\(name) is there twice")
                #expect(columns[1] == types[name], "\(name)")
                let labels = exported[types[name] == "histogram" ? name + "_count" : name]
                #expect(
                    Set(columns[2].split(separator: ", ").map(String.init)) == labels.map { Set($0.keys) }, "\(name)")
            }
            #expect(listed == Set(types.keys))
        }

        @Test func `the manual has every exported cause and area and no other`() throws {
            let manual = try file("docs/reference/metrics.md")
            let exported = try exported()
            for (name, label) in [("lever_milter_tempfails_total", "cause"), ("lever_milter_spool_files", "area")] {
                let row = try #require(manual.split(separator: "\n").first { $0.hasPrefix("| `\(name)`") })
                let meaning = row.split(separator: "|")[3]
                #expect(Set(meaning.matches(of: #/`(\w+)`/#).map { String($0.output.1) }) == exported[name]?[label])
            }
        }

        @Test(arguments: ["deploy/grafana/lever-milter.json", "deploy/prometheus/lever-milter.rules.yml"])
        func `dashboard and rules use only names, labels and values that are exported`(_ path: String) throws {
            let text = try file(path).replacing("\\\"", with: "\"")
            let exported = try exported()
            let uses = text.matches(of: #/\b((?:lever_milter|process)_[a-z_]+)(?:\{([^}]*)\})?/#)
                .filter { $0.output.1 != "process_name" }
            #expect(uses.count > 15)
            for use in uses {
                let name = String(use.output.1)
                guard let labels = exported[name] else {
                    Issue.record("\(path): \(name) is not exported")
                    continue
                }
                for matcher in (use.output.2 ?? "").matches(of: #/(\w+)(=~|!~|!=|=)"([^"]*)"/#) {
                    let label = String(matcher.output.1)
                    // Those that Prometheus adds to what it scrapes.
                    if label == "job" || label == "instance" { continue }
                    for value in matcher.output.3.split(separator: "|") {
                        #expect(labels[label]?.contains(String(value)) == true, "\(path): \(use.output.0): \(value)")
                    }
                }
            }
            let known = Set(exported.values.flatMap(\.keys)).union(["instance", "job", "le"])
            for grouping in text.matches(of: #/\bby \(([a-z_, ]+)\)/#) {
                #expect(Set(grouping.output.1.split(separator: ", ").map(String.init)).isSubset(of: known))
            }
        }

        @Test
        func `promtool accepts the rules, and each has a passing test and advice in the manual`()
            throws
        {
            let folder = repository.appendingPathComponent("deploy/prometheus").path
            let check = try Promtool.run("check", "rules", "\(folder)/lever-milter.rules.yml")
            #expect(check.status == 0, "\(check.text)\(check.errors)")
            let test = try Promtool.run("test", "rules", "\(folder)/lever-milter.test.yml")
            #expect(test.status == 0, "\(test.text)\(test.errors)")

            let rules = try file("deploy/prometheus/lever-milter.rules.yml")
            let alerts = rules.matches(of: #/- alert: (\w+)/#).map { String($0.output.1) }
            let tests = try file("deploy/prometheus/lever-milter.test.yml")
            let manual = try file("docs/reference/metrics.md")
            #expect(alerts.count > 10)
            for alert in alerts {
                #expect(tests.contains("alertname: \(alert)\n        exp_alerts:\n          - exp_labels"), "\(alert)")
                #expect(tests.contains("alertname: \(alert), exp_alerts: []"), "\(alert)")
                #expect(manual.contains("\n### \(alert)\n\n"), "\(alert)")
                #expect(rules.contains("runbook: docs/reference/metrics.md#\(alert.lowercased())\n"), "\(alert)")
            }
            let advised = manual.matches(of: #/### (LeverMilter\w+)/#).map { String($0.output.1) }
            #expect(advised == alerts)
        }

        @Test func `the dashboard has a panel for each group of metrics, and none overlaps another`() throws {
            struct Dashboard: Decodable {
                struct Panel: Decodable {
                    struct Place: Decodable { var x, y, w, h: Int }
                    struct Target: Decodable { var expr: String, refId: String }
                    var id: Int, title: String, type: String, gridPos: Place, targets: [Target]?
                }
                var title: String, uid: String, panels: [Panel]
            }
            let data = Data(try file("deploy/grafana/lever-milter.json").utf8)
            let dashboard = try JSONDecoder().decode(Dashboard.self, from: data)
            #expect(dashboard.title == "lever-milter")
            #expect(Set(dashboard.panels.map(\.id)).count == dashboard.panels.count)
            var taken: Set<[Int]> = []
            for panel in dashboard.panels {
                #expect(panel.gridPos.x + panel.gridPos.w <= 24)
                #expect(panel.type == "row" || panel.targets?.isEmpty == false, "\(panel.title)")
                for x in panel.gridPos.x..<panel.gridPos.x + panel.gridPos.w {
                    for y in panel.gridPos.y..<panel.gridPos.y + panel.gridPos.h {
                        #expect(taken.insert([x, y]).inserted, "\(panel.title)")
                    }
                }
            }
            let shown = dashboard.panels.flatMap { $0.targets ?? [] }.map(\.expr).joined(separator: "\n")
            for name in try page.types().keys where name.hasPrefix("lever_milter_") {
                #expect(shown.contains(name), "\(name) is on no panel")
            }
        }
    }
}
