import Foundation

/// A maildir that Postfix delivers to, read and never changed.
public struct Maildir: Sendable {
    public let path: String

    /// A message as it was delivered: lines end in LF.
    public struct Message: Sendable {
        public let bytes: [UInt8]

        /// The trace fields that delivery prepends, in order.
        public var trace: [String] { split.trace }

        /// The message without the trace fields that Postfix prepended: those of delivery, and the Received field of
        /// reception, which a milter does not see.
        public var untraced: [UInt8] { split.rest }

        /// The queue ID, from the Received field.
        public var queueID: String? {
            let words = trace("Received")?.split(whereSeparator: \.isWhitespace) ?? []
            guard let id = words.firstIndex(of: "id"), words.indices.contains(id + 1) else { return nil }
            return words[id + 1].trimmingCharacters(in: .punctuationCharacters)
        }

        /// The value of a trace field.
        public func trace(_ name: String) -> String? {
            trace.first { $0.hasPrefix("\(name):") }.map {
                $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }

        private var split: (trace: [String], rest: [UInt8]) {
            var trace: [String] = []
            var rest = bytes[...]
            for name in ["Return-Path", "X-Original-To", "Delivered-To", "Received"] {
                guard rest.starts(with: Array("\(name):".utf8)) else { continue }
                var end = rest.startIndex
                repeat {
                    guard let lineEnd = rest[end...].firstIndex(of: 10) else { break }
                    end = lineEnd + 1
                } while end < rest.endIndex && (rest[end] == UInt8(ascii: " ") || rest[end] == UInt8(ascii: "\t"))
                trace.append(String(decoding: rest[..<end], as: UTF8.self))
                rest = rest[end...]
            }
            return (trace, Array(rest))
        }
    }

    /// The messages delivered so far whose first 4 KiB hold the text, in no order.
    public func messages(with text: String) throws -> [Message] {
        let directory = "\(path)/new"
        guard FileManager.default.fileExists(atPath: directory) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
            guard let file = FileHandle(forReadingAtPath: "\(directory)/\(name)") else { return nil }
            defer { try? file.close() }
            guard let start = try file.read(upToCount: 4096), start.range(of: Data(text.utf8)) != nil else {
                return nil
            }
            return Message(bytes: Array(start + (try file.readToEnd() ?? Data())))
        }
    }

    /// The copies delivered of the message with that queue ID, one for each recipient.
    public func messages(queueID: String) throws -> [Message] {
        try messages(with: queueID).filter { $0.queueID == queueID }
    }
}
