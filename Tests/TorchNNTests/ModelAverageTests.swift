import Foundation
import Testing
import Torch
import TorchNN

@Suite struct ModelAverageTests {
    private struct Config: Codable { var width: Int }

    private func withFolders(_ body: (_ root: String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "average-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }  // nothing to clean where nothing was made
        try body(root)
    }

    private func model(_ path: String, width: Int = 2, _ values: [Float], shape: [Int] = [2]) throws -> ModelFolder {
        let folder = ModelFolder(path)
        try folder.write(config: Config(width: width), [("a.weight", Tensor(values, shape).to(.bfloat16))])
        try Data("pieces".utf8).write(to: URL(filePath: folder.file("tokenizer.json")))
        return folder
    }

    @Test func `the mean of models holds the mean of each weight, and the first one's other files`() throws {
        try withFolders { root in
            let models = try [
                model(root + "/one", [1, 2]), model(root + "/two", [3, 6]), model(root + "/three", [5, 1]),
            ]
            let mean = ModelFolder(root + "/mean")
            try ModelFolder.average(models, into: mean)
            let weights = try Safetensors(contentsOf: mean.file("model.safetensors"))
            #expect(weights.dtype(of: "a.weight") == .bfloat16)
            #expect(try weights.tensor("a.weight").to(.float32).array(Float.self) == [3, 3])
            #expect(try mean.config(Config.self).width == 2)
            #expect(try String(contentsOfFile: mean.file("tokenizer.json"), encoding: .utf8) == "pieces")
        }
    }

    @Test func `models of another configuration, other names or shapes are refused by name`() throws {
        try withFolders { root in
            let first = try model(root + "/first", [1, 2])
            let wider = try model(root + "/wider", width: 3, [1, 2])
            let longer = try model(root + "/longer", [1, 2, 3], shape: [3])
            let other = ModelFolder(root + "/other")
            try other.write(config: Config(width: 2), [("b.weight", Tensor([1, 2] as [Float], [2]))])
            for (folder, name) in [(wider, "wider/config.json"), (longer, "longer/model"), (other, "other/model")] {
                let error = #expect(throws: ModelFolderError.self) {
                    try ModelFolder.average([first, folder], into: ModelFolder(root + "/mean"))
                }
                #expect(error?.description.contains(name) == true, "\(name)")
                #expect(!FileManager.default.fileExists(atPath: root + "/mean/model.safetensors"))
            }
        }
    }
}
