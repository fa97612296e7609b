public import Foundation

/// A model's name on a hub: `OWNER/NAME`, at a revision.
public struct ModelName: Sendable, Equatable, CustomStringConvertible {
    public let owner: String
    public let name: String
    public let revision: String

    /// - Throws: ``HubError`` where the text is not `OWNER/NAME`, or a part could lead out of a folder.
    public init(_ text: String, revision: String = "main") throws(HubError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Self.isPlain) else { throw .badName(text) }
        guard Self.isPlain(revision) else { throw .unsafeName(model: text, name: revision) }
        (owner, name, self.revision) = (parts[0], parts[1], revision)
    }

    public var description: String { "\(owner)/\(name)" }

    /// Letters, digits, `-`, `_` and `.`, not led by a dot.
    private static func isPlain(_ part: String) -> Bool {
        !part.isEmpty && part.utf8.count <= 200 && part.first != "."
            && part.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains($0)
            }
    }
}

/// The folder where fetched models are kept: `OWNER/NAME/REVISION/…`.
public struct ModelStore: Sendable {
    public let root: URL

    /// At `root`, or where `MYNA_MODELS` says, or in `~/.cache/myna/models`.
    public init(_ root: URL? = nil) {
        let environment = ProcessInfo.processInfo.environment
        if let root {
            self.root = root
        } else if let given = environment["MYNA_MODELS"], !given.isEmpty {
            self.root = URL(filePath: given)
        } else {
            self.root = FileManager.default.homeDirectoryForCurrentUser.appending(path: ".cache/myna/models")
        }
    }

    /// Where a model is or would be.
    public func folder(of model: ModelName) -> URL {
        root.appending(path: model.owner).appending(path: model.name).appending(path: model.revision)
    }

    /// The folder of a model that is there whole; the hub is not asked.
    ///
    /// - Throws: ``HubError/notKept(_:folder:)``.
    public func kept(_ model: ModelName) throws(HubError) -> URL {
        let folder = folder(of: model)
        guard FileManager.default.fileExists(atPath: folder.appending(path: Self.receipt).path) else {
            throw .notKept("\(model)", folder: root.path)
        }
        return folder
    }

    /// Written last, so that a folder that has it is whole.
    static let receipt = ".myna-pull.json"
}

/// What the hub says of one file of a model.
struct HubFile: Equatable, Codable {
    var name: String
    var size: Int64?
    var sha256: String?
    /// The name under which git keeps it: the SHA-1 of its length and bytes. Files in large storage have a SHA-256 instead.
    var blob: String?

    /// Whether the name stays inside the model's folder and hides nothing of ours.
    var isSafe: Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return !name.isEmpty && name.utf8.count <= 1000 && !name.contains("\\")
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && !parts.contains { $0 == ModelStore.receipt || $0.hasSuffix(HubClient.partSuffix) }
    }
}
