import Foundation
import TestSupport
import Testing

/// The manual's links lead somewhere.
@Suite struct ManualLinkTests {
    @Test(arguments: ManualPage.all)
    func `every link to a page or a heading resolves`(_ page: ManualPage) throws {
        for link in page.links where !link.contains("://") {
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let directory = page.path.contains("/") ? page.path.prefix(upTo: page.path.lastIndex(of: "/")!) : "."
            let target =
                parts[0].isEmpty
                ? page.path
                : URL(fileURLWithPath: "/\(directory)/\(parts[0])").standardized.path.dropFirst().description
            guard FileManager.default.fileExists(atPath: "\(Repository.path)/\(target)") else {
                Issue.record("\(link): there is no \(target)")
                continue
            }
            if parts.count == 2 {
                #expect(try ManualPage(target).anchors.contains(parts[1]), "\(link)")
            }
        }
    }

    @Test func `every page is reachable from the README`() throws {
        var reached: Set = ["README.md"]
        var pages = [try ManualPage("README.md")]
        while let page = pages.popLast() {
            for link in page.links where !link.contains("://") {
                let directory = page.path.contains("/") ? page.path.prefix(upTo: page.path.lastIndex(of: "/")!) : "."
                let target = URL(fileURLWithPath: "/\(directory)/\(link.prefix { $0 != "#" })").standardized.path
                    .dropFirst()
                guard target.hasSuffix(".md"), reached.insert(String(target)).inserted else { continue }
                // Whether it exists is the other test's concern.
                if let page = try? ManualPage(String(target)) { pages.append(page) }
            }
        }
        #expect(Set(ManualPage.all.map(\.path)).subtracting(reached) == [])
    }
}
