internal import Foundation
internal import MynaRecognition
internal import MynaStages
internal import TorchNN

/// Where the shipped model of that name lies: `MYNA_MODELS`, or `Models` here or beside the build folder.
func modelFolder(_ name: String) -> String {
    if let models = ProcessInfo.processInfo.environment["MYNA_MODELS"] { return "\(models)/\(name)" }
    let here = "Models/\(name)"
    if FileManager.default.fileExists(atPath: here) { return here }
    // …/.build/release/myna
    var folder = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let beside = folder.appending(path: here).path
        if FileManager.default.fileExists(atPath: beside) { return beside }
    }
    return here
}

/// The recogniser in `folder`, or the shipped one.
func recognizer(in folder: String?, _ options: RecognizerOptions = RecognizerOptions()) async throws -> any SpeechRecognizer {
    try await StreamingRecognizer(contentsOf: ModelFolder(folder ?? modelFolder("myna-asr")), options: options)
}
