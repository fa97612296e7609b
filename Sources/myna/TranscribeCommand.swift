import ArgumentParser
import Foundation
import MynaSession
import MynaRecognition
import MynaStages

/// `myna transcribe`: sound to words.
struct TranscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Write down what is said in sound files.",
        discussion: """
            Takes wav, flac, ogg, opus and mp3 of any rate, any number of channels and any length; `-` is standard input. With several \
            files each line begins with its file. A file that fails is named and the others go on; then the exit code is 1, as it is \
            for a file without speech.

            Example: myna transcribe talk.flac
            JSON: myna transcribe --json *.wav
            A microphone: arecord -q -f S16_LE -r 16000 -t raw | myna transcribe --raw 16000 --stream -
            """)

    @Argument(help: "Sound files, or - for standard input.") var files: [String]
    @Flag(help: "Tell the words as they come.") var stream = false
    @Flag(help: "A line of JSON for each file; with --stream, after a line for each event.") var json = false
    @Option(help: "Standard input holds headerless 16-bit mono samples at this rate, in Hz.") var raw: Int?
    @Option(help: "Frames of 80 ms that are heard together: more is more accurate and later.") var chunk: Int?
    @Flag(help: "Weights in bfloat16: half the memory, and faster or slower by machine.") var bfloat16 = false
    @OptionGroup var options: StageOptions

    func validate() throws {
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once") }
        if let raw {
            if files != ["-"] { throw ValidationError("--raw needs standard input (-) and nothing else") }
            if !(4000...192_000).contains(raw) { throw ValidationError("--raw \(raw) is not within 4000 to 192000") }
        }
        if let chunk, !(1...64).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 64") }
    }

    func run() async throws {
        // Before the model is loaded, so that a wrong name is told at once.
        for file in files where file != "-" && files.count == 1 && !FileManager.default.fileExists(atPath: file) {
            throw CommandError("\(file): no such file", status: ExitStatus.noInput)
        }
        let recognizer = try await Stages(options: options).recognizer(chunk: chunk, bfloat16: bfloat16)
        // An offline recogniser hears nothing before it ends, so only it can find the pauses.
        let transcriber =
            recognizer is OfflineRecognizer
            ? Transcriber(recognizer: recognizer, utterance: .seconds(1 << 30), longest: .seconds(1 << 30))
            : Transcriber(recognizer: recognizer)
        var failures: [any Error] = []
        for file in files {
            do {
                try await transcribe(file, with: transcriber)
            } catch let cancellation as CancellationError {
                throw cancellation
            } catch {
                failures.append(error)
                if files.count > 1 { writeError(error) }
            }
        }
        try Output.standard.check()
        if files.count == 1, let failure = failures.first { throw failure }
        if !failures.isEmpty { throw ExitCode(ExitStatus.partly) }
    }

    private func transcribe(_ file: String, with transcriber: Transcriber) async throws {
        let input = SoundInput(path: file, rawRate: raw)
        let (tellsEvents, tellsJSON) = (stream, json)
        let result = try await transcriber.transcription(of: input, named: file, keepingEvents: json) { event in
            guard tellsEvents else { return }
            if tellsJSON {
                // An event holds nothing that JSON can't, so this does not fail; the result's own line would tell.
                if let line = try? Output.text(event) { Output.standard.line(line) }
            } else {
                Output.standard.line(event.line)
            }
        }
        if json {
            try Output.standard.json(result)
        } else if !stream {
            Output.standard.line(files.count > 1 ? "\(file)\t\(result.text)" : result.text)
        }
        if result.text.isEmpty { throw CommandError("\(input.name): no speech was heard", status: ExitStatus.partly) }
    }
}
