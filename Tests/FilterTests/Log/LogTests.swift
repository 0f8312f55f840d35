import Capture
import Core
import Foundation
import LibMilter
import Logging
import SettingsFile
import Spool
import Store
import Testing
import TestSupport

@testable import Observability

/// The log as the daemon writes it, from an event to bytes at a descriptor.
@Suite struct LogTests {
    @Test(arguments: LoggedEvent.all)
    func `an event is a line of text, and one of JSON with the same values`(_ event: LoggedEvent) throws {
        let text = try written(.text) { event.log($0) }
        #expect(text == [event.text])

        let json = try #require(try written(.json) { event.log($0) }.first)
        var object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let time = try #require(object.removeValue(forKey: "time") as? String)
        #expect(time.wholeMatch(of: #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/#) != nil)
        let fields = try JSONSerialization.jsonObject(with: Data("{\(event.fields)}".utf8)) as? [String: Any]
        var expected = try #require(fields)
        expected["event"] = event.name.rawValue
        expected["level"] = event.name.level.rawValue
        if expected["queue_id"] == nil { expected["message"] = event.text }
        #expect(object as NSDictionary == expected as NSDictionary, "\(json)")
        // What tells a line apart comes first.
        #expect(json.hasPrefix(#"{"time":"\#(time)","level":"\#(event.name.level)","event":"\#(event.name.rawValue)""#))
    }

    @Test func `the table above has every event`() {
        #expect(Set(LoggedEvent.all.map(\.name)) == Set(EventName.allCases))
    }

    @Test(arguments: [
        #"a "quoted" text with \ and \n"#, "two\nlines\r\nand\ta tab", "\u{0}\u{1}\u{1b}[31mred\u{7f}\u{85}",
        "\u{2028}line\u{2029}paragraph", "früh, 早, 😀, e\u{301}", "{\"event\":\"forged\"}\n{\"event\":\"forged\"}",
        String(decoding: [0xff, 0x22, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x0a], as: UTF8.self), "",
    ])
    func `hostile text stays in its line, and JSON gives it back as it is`(_ hostile: String) throws {
        let report = Disposition(.spoolFailed, queueID: "4Queue\(hostile)", found: nil)
        let error = HarnessError(hostile)
        let lines = try written(.json) { $0.tempfailed(report, code: "451", status: "4.7.1", error) }
        #expect(lines.count == 1)
        #expect(lines[0].unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f })
        let object = try #require(try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(object["reason"] as? String == hostile)
        #expect(object["queue_id"] as? String == "4Queue\(hostile)")
        #expect(object.keys.sorted() == ["code", "event", "level", "outcome", "queue_id", "reason", "reply", "time"])

        let text = try written(.text) { $0.tempfailed(report, code: "451", status: "4.7.1", error) }
        #expect(text.count == 1)
        #expect(text[0].unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }

    @Test func `what is no number in JSON is a string`() throws {
        let line = JSONLine(
            time: Timestamp(milliseconds: 1_795_000_000_123), level: .info, message: "",
            metadata: [
                "event": "x", "queue_id": "q", "a": .stringConvertible(Double.nan), "b": .stringConvertible(2.5),
                "c": .stringConvertible(Int64.min), "d": .array(["x", .array([])]), "e": .stringConvertible(true),
            ])
        let expected =
            #""event":"x","queue_id":"q","a":"nan","b":2.5,"c":-9223372036854775808,"d":["x",[]],"e":"true"}"#
        #expect(
            String(decoding: line.bytes, as: UTF8.self)
                == #"{"time":"2026-11-18T11:06:40.123Z","level":"info",\#(expected)"#)
    }

    @Test func `only the lines that the journal reads begin with their level`() throws {
        for format in [LogFormat.text, .json] {
            let lines = try written(format, isJournal: true) { log in
                log.routingLoaded(companies: 1)
                log.databaseReached()
                log.databasePositionUnknown()
                log.spoolAlarm("x")
            }
            #expect(lines.map { $0.prefix(3) } == ["<6>", "<5>", "<4>", "<3>"])
        }
        #expect(try written(.text, journal: "1:2") { $0.databaseReached() } == ["database connected"])
    }

    @Test func `what is below the level is not written`() throws {
        let lines = try written(.text, level: .warning) { log in
            log.databaseReached()
            log.databasePositionUnknown()
        }
        #expect(lines.count == 1 && lines[0].hasPrefix("warning: "))
    }

    /// What an output with a file in the place of standard error writes.
    private func written(
        _ format: LogFormat, level: Logger.Level = .debug, isJournal: Bool = false, journal: String? = nil,
        _ log: (EventLog) -> Void
    ) throws -> [String] {
        let directory = try TemporaryDirectory("log")
        let descriptor = open(try directory.write("log", ""), O_WRONLY | O_APPEND)
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        let output = LogOutput(
            LogOutput.Form(level: level, format: format), descriptor: descriptor,
            journal: isJournal ? "\(status.st_dev):\(status.st_ino)" : journal)
        log(EventLog(output: output))
        let text = String(decoding: try contents(of: directory.file("log")), as: UTF8.self)
        #expect(text.hasSuffix("\n"))
        return text.utf8.split(separator: UInt8(ascii: "\n")).map { String($0)! }
    }
}
