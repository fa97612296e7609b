import Foundation
import MynaTestSupport
import Testing

@Suite struct LayerListTests {
    /// What is public in TorchNN and no layer.
    static let others: Set<String> = [
        "ModelFolder", "ModelFolderError", "WeightsError", "ParameterStore", "Weights", "AttentionSpan", "Loss",
        "WeightPacking",
    ]

    @Test func `docs/layers.md names every layer and loss`() throws {
        let list = try String(contentsOf: Fixture.root.appending(path: "docs/layers.md"), encoding: .utf8)
        let folder = Fixture.root.appending(path: "Sources/TorchNN")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var found = 0
        for file in files where file.pathExtension == "swift" {
            let source = try String(contentsOf: file, encoding: .utf8)
            for line in source.split(separator: "\n") {
                let words = line.split { " :(<{".contains($0) }.map(String.init)
                let name: String
                if words.count > 2, line.hasPrefix("public "), ["struct", "enum", "class"].contains(words[1]) {
                    name = words[2]
                } else if words.count > 3, file.lastPathComponent == "Losses.swift", line.hasPrefix("    public static func") {
                    name = "Loss." + words[3]
                } else {
                    continue
                }
                guard !Self.others.contains(name) else { continue }
                found += 1
                #expect(list.contains("| `\(name)` |"), "\(name) is not in docs/layers.md")
            }
        }
        #expect(found > 25)
    }
}
