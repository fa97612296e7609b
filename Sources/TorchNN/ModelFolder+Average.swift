public import Foundation
public import Torch

extension ModelFolder {
    /// Writes the mean of several models' weights, such as ends of one training (Izmailov et al. 2018), as a model of its own.
    ///
    /// The mean is taken in float32 and stored as the first model stores it; all other files are the first one's.
    /// - Throws: ``ModelFolderError`` that names the folder whose configuration, names or shapes are not the first one's.
    public static func average(_ folders: [ModelFolder], into target: ModelFolder) throws {
        precondition(!folders.isEmpty, "the mean of no models")
        let files = try folders.map { try Safetensors(contentsOf: $0.file("model.safetensors")) }
        let settings = try folders.map { try $0.config(JSONValue.self) }
        for (index, folder) in folders.enumerated().dropFirst() {
            guard settings[index] == settings[0] else {
                throw ModelFolderError(file: folder.file("config.json"), problem: "is not as \(folders[0].path)'s is")
            }
            guard Set(files[index].names) == Set(files[0].names) else {
                throw ModelFolderError(
                    file: folder.file("model.safetensors"), problem: "does not hold the same tensors as \(folders[0].path)'s")
            }
        }
        let means = try files[0].names.map { name -> (name: String, tensor: Tensor) in
            let first = try files[0].tensor(name)
            let sum = try files.indices.dropFirst().reduce(first.to(.float32)) { sum, index in
                guard files[index].shape(of: name) == first.shape else {
                    throw ModelFolderError(
                        file: folders[index].file("model.safetensors"),
                        problem: "\(name) is \(files[index].shape(of: name) ?? []), not \(first.shape) as \(folders[0].path)'s")
                }
                return try sum + files[index].tensor(name).to(.float32)
            }
            return (name, (sum / Double(files.count)).to(first.dtype))
        }
        let manager = FileManager.default
        try manager.createDirectory(atPath: target.path, withIntermediateDirectories: true)
        for name in try manager.contentsOfDirectory(atPath: folders[0].path).sorted() where name != "model.safetensors" {
            try Data(contentsOf: URL(filePath: folders[0].file(name))).write(
                to: URL(filePath: target.file(name)), options: .atomic)
        }
        try Safetensors.write(means, metadata: files[0].metadata, to: target.file("model.safetensors"))
    }
}
