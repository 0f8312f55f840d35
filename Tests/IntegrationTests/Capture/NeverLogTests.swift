import TestSupport
import Testing

extension IntegrationTests {
    @Suite
    struct NeverLog {
        struct Place: CustomTestStringConvertible, Sendable {
            let testDescription: String
            var from = "anna@home.example"
            /// Nil: the company's recruiter.
            var to: String?
            var field: (name: String, value: String)?
        }

        static let places = [
            Place(testDescription: "envelope sender", from: "quiet@never.example"),
            Place(testDescription: "envelope recipient", to: "quiet@never.example"),
            Place(testDescription: "From", field: ("From", "Somebody <Quiet@Never.Example>")),
            Place(testDescription: "To", field: ("To", "<quiet@never.example>, rita@acme.example")),
            Place(testDescription: "Cc", field: ("Cc", "\"Q. Uiet\"\r\n <QUIET@never.example>")),
            Place(testDescription: "other case", from: "QUIET@NEVER.EXAMPLE"),
            Place(testDescription: "domain, as sender", from: "anybody@silent.example"),
            Place(testDescription: "domain, in To", field: ("To", "Anybody <a@SILENT.example>")),
        ]

        @Test
        func `marked mail of a listed address or domain is delivered but not stored, wherever it is named`()
            async throws
        {
            let company = try await OwnCompany()
            let host = company.host
            let thread = try company.startThread()
            for who in ["Quiet@never.example", "silent.example"] {
                #expect(
                    try company.ctl.text("never-log", "add", who, "--company", company.name)
                        .hasPrefix("Added to the never-log list as entry "))
            }
            try await company.changesAreKnown()

            for place in Self.places {
                let id = try send(place, company, thread)
                let story = try await host.story(of: id)
                #expect(story.outcome == "never_log", "\(place.testDescription)")
                #expect(!story.line.contains("@") && !story.line.contains(".example"))
                #expect(try await host.delivered(id, copies: place.to == nil ? 1 : 2).count > 0)
                #expect(try await host.recorded(id) == "never_log")
                #expect(try !host.log().contains { $0.contains("\(id): spooled") })
            }
            #expect(try company.timeline(thread.candidate).messages.isEmpty)
            for other in ["loud@never.example", "a@sub.silent.example"] {
                let id = try send(Place(testDescription: other, from: other), company, thread)
                #expect(try await host.story(of: id).outcome == "captured", "\(other)")
            }
        }

        @Test
        func `a listed address is known in every spelling that Postfix delivers to it`() async throws {
            let company = try await OwnCompany()
            let (host, domain) = (company.host, company.domain)
            let thread = try company.startThread()
            try company.ctl.check("never-log", "add", "Council@\(domain)", "--company", company.name)
            try company.ctl.check("company", "set", company.name, "--recipient-delimiter", "+")
            try await company.changesAreKnown()
            for spelling in [
                "COUNCIL@\(domain)", "council@\(domain.uppercased()).", "\"council\"@\(domain)",
                "\"coun\\cil\"@\(domain)",
                "council+x@\(domain)", "\"Council+x\"@\(domain).",
            ] {
                let id = try send(Place(testDescription: spelling, to: spelling), company, thread)
                #expect(try await host.story(of: id).outcome == "never_log", "\(spelling)")
            }
            let id = try send(Place(testDescription: "", to: "council2@\(domain)"), company, thread)
            #expect(try await host.story(of: id).outcome == "captured")
        }

        @Test
        func `the list shows domains, and addresses only with the private key; removal resumes capture`()
            async throws
        {
            let company = try await OwnCompany()
            let thread = try company.startThread()
            let address: LeverCtlJSON.NeverLogEntry = try company.ctl.json(
                "never-log", "add", "Quiet@never.example", "--company", company.name)
            let domain: LeverCtlJSON.NeverLogEntry = try company.ctl.json(
                "never-log", "add", "silent.example", "--company", company.name)
            let twice = try company.ctl.run("never-log", "add", "quiet@NEVER.example", "--company", company.name)
            #expect(twice.status == 1 && twice.errors.contains("is on the company's never-log list already"))

            let blind: [LeverCtlJSON.NeverLogEntry] = try company.ctl.json(
                "never-log", "list", "--company", company.name)
            #expect(Set(blind.map(\.value)) == [nil, "silent.example"])
            let table = try company.ctl.text(
                "never-log", "list", "--company", company.name, "--private-key", company.privateKey)
            #expect(table.contains("Quiet@never.example") && table.contains(address.entry))
            #expect(try company.ctl.text("never-log", "list", "--company", company.name).contains("(sealed)"))

            let quiet = Place(testDescription: "", from: "quiet@never.example")
            try await company.changesAreKnown()
            let before = try send(quiet, company, thread)
            #expect(try await company.host.story(of: before).outcome == "never_log")
            try company.ctl.check("never-log", "remove", "QUIET@never.example", "--company", company.name)
            try company.ctl.check("never-log", "remove", domain.entry, "--company", company.name)
            let none: [LeverCtlJSON.NeverLogEntry] = try company.ctl.json(
                "never-log", "list", "--company", company.name)
            #expect(none.isEmpty)
            try await company.changesAreKnown()
            let after = try send(quiet, company, thread)
            #expect(try await company.host.story(of: after).outcome == "captured")
            let unknown = try company.ctl.run("never-log", "remove", "silent.example", "--company", company.name)
            #expect(unknown.status == 1 && unknown.errors.contains("is not on the company's never-log list"))
        }

        private func send(
            _ place: Place, _ company: OwnCompany, _ thread: OwnCompany.Thread
        ) throws -> String {
            var letter = Letter("Private").answering(thread.messageId)
            if let (name, value) = place.field {
                letter.fields.removeAll { $0.name == name }
                letter = letter.with(name, value)
            }
            let to = [company.address] + (place.to.map { [$0] } ?? [])
            return try company.host.send(letter, from: place.from, to: to)
        }
    }
}
