import ArgumentParser
import Foundation
import MynaAssistant
import MynaDevices
import MynaEngine
import MynaRecognition
import MynaSession
import MynaStages
import MynaText
import Torch

/// `myna transcribe`: sound to words.
struct TranscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transcribe",
        abstract: "Write down what is said in sound files or into a microphone.",
        discussion: """
            Takes wav, flac, ogg, opus and mp3 of any rate, any number of channels and any length; `-` is standard input. With several \
            files each line begins with its file. A file that fails is named and the others go on; then the exit code is 1, as it is \
            for a file without speech. A microphone is heard until it is interrupted; each utterance is a line.

            Example: myna transcribe talk.flac
            JSON: myna transcribe --json *.wav
            Subtitles: myna transcribe --format srt film.mp3 > film.srt
            A microphone: myna transcribe --microphone --stream
            Another program's: arecord -q -f S16_LE -r 16000 -t raw | myna transcribe --raw 16000 --stream -
            """)

    /// How the result is written.
    enum Format: String, CaseIterable, ExpressibleByArgument { case txt, json, srt, vtt }

    @Argument(help: "Sound files, or - for standard input.") var files: [String] = []
    @Flag(help: "Tell the words as they come.") var stream = false
    @Option(help: "txt, json (a line for each file), or subtitles: srt, vtt.") var format = Format.txt
    @Flag(help: "As --format json; with --stream, after a line for each event.") var json = false
    @Flag(help: "Write sentences with marks, capitals and digits; not with --stream or --nbest.") var written = false
    @Option(help: "List so many likeliest texts of each utterance, with their log-probabilities.") var nbest: Int?
    @Flag(help: "Hear a microphone until interrupted.") var microphone = false
    @Option(help: "A part of the microphone's name; the standard one if not given.") var device: String?
    @Option(help: "Standard input holds headerless 16-bit mono samples at this rate, in Hz.") var raw: Int?
    @Option(help: "Frames of 80 ms that are heard together: more is more accurate and later.") var chunk: Int?
    @Option(help: "Hear nothing but the commands of this grammar (a speech-to-intent context in YAML).") var commands: String?
    @Flag(help: "Weights in bfloat16: half the memory, and faster or slower by machine.") var bfloat16 = false
    @OptionGroup var options: StageOptions

    /// What `--format` and `--json` come to.
    private var form: Format { json ? .json : format }
    private var isSubtitles: Bool { form == .srt || form == .vtt }

    func validate() throws {
        if microphone ? !files.isEmpty : files.isEmpty { throw ValidationError("give files, or --microphone and no files") }
        if device != nil, !microphone { throw ValidationError("--device needs --microphone") }
        if files.filter({ $0 == "-" }).count > 1 { throw ValidationError("standard input (-) can be read once") }
        if let raw {
            if files != ["-"] { throw ValidationError("--raw needs standard input (-) and nothing else") }
            if !(4000...192_000).contains(raw) { throw ValidationError("--raw \(raw) is not within 4000 to 192000") }
        }
        if let chunk, !(1...64).contains(chunk) { throw ValidationError("--chunk \(chunk) is not within 1 to 64") }
        if let nbest, !(1...64).contains(nbest) { throw ValidationError("--nbest \(nbest) is not within 1 to 64") }
        if json, format != .txt, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other")
        }
        if written, stream || nbest != nil { throw ValidationError("--written excludes --stream and --nbest") }
        if isSubtitles {
            if files.count > 1 { throw ValidationError("--format \(form.rawValue) is for one file at a time") }
            if stream || nbest != nil {
                throw ValidationError("--stream and --nbest have no effect on subtitles (--format \(form.rawValue))")
            }
        }
    }

    func run() async throws {
        // Before the model is loaded, so that a wrong name is told at once.
        for file in files where file != "-" && files.count == 1 && !FileManager.default.fileExists(atPath: file) {
            throw CommandError("\(file): no such file", status: ExitStatus.noInput)
        }
        let writer =
            written
            ? WrittenForm(try Punctuator(contentsOf: URL(filePath: ProjectFiles.path(of: ProjectFiles.punctuation)))) : nil
        let device = microphone ? try Microphone(device: device) : nil
        let recognizer = try await recognizer()
        if recognizer is OfflineRecognizer, nbest != nil || chunk != nil || microphone {
            throw CommandError(
                "\(options.asr ?? "the model") hears whole recordings with one search: --nbest, --chunk and --microphone need a "
                    + "streaming model", status: ExitStatus.badData)
        }
        if let device { return try await hear(device, with: recognizer, writer) }
        // An offline recogniser hears nothing before it ends, so only it can find the pauses.
        let transcriber =
            recognizer is OfflineRecognizer
            ? Transcriber(recognizer: recognizer, utterance: .seconds(1 << 30), longest: .seconds(1 << 30))
            : Transcriber(recognizer: recognizer)
        var failures: [any Error] = []
        for file in files {
            do {
                try await transcribe(SoundInput(path: file, rawRate: raw), named: file, with: transcriber, writer)
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

    /// The recogniser that was asked for; held to a grammar, where there is one, whose sentences no other model judges.
    private func recognizer() async throws -> any SpeechRecognizer {
        let stages = Stages(options: options)
        let change: (inout RecognizerOptions) -> Void = {
            $0.alternatives = nbest ?? 0
            if bfloat16 { $0.dtype = .bfloat16 }
            if let chunk { $0.lookahead = .fixed(chunk) }
        }
        guard let commands else { return try await stages.recognizer(change: change) }
        let streaming = try await stages.streamingRecognizer(change: change)
        try await CommandGrammar(contentsOf: URL(filePath: commands)).prepare(streaming)
        return streaming
    }

    /// An utterance ends at each pause, so that its line comes then.
    private func hear(_ device: Microphone, with recognizer: any SpeechRecognizer, _ writer: WrittenForm?) async throws {
        FileHandle.standardError.write(Data("myna: hearing \(device.name); interrupt to end\n".utf8))
        let transcriber = Transcriber(recognizer: recognizer, utterance: .seconds(1))
        try await transcribe(device.frames, named: device.name, with: transcriber, writer)
        if device.droppedCount > 0 {
            let seconds = Double(device.droppedCount) / Double(device.sampleRate)
            writeProblem(String(format: "%@: %.1f s were lost: this machine is too slow for the model", device.name, seconds))
        }
        try Output.standard.check()
    }

    private func transcribe(
        _ sound: some AsyncSequence<AudioFrame, any Error> & Sendable, named name: String, with transcriber: Transcriber,
        _ writer: WrittenForm?
    ) async throws {
        let (tellsEvents, tellsJSON, tellsUtterances) = (stream, form == .json, microphone && form == .txt && nbest == nil)
        var result = try await transcriber.transcription(of: sound, named: name, keepingEvents: form == .json) { event in
            if tellsEvents, tellsJSON {
                // An event holds nothing that JSON can't, so this does not fail; the result's own line would tell.
                if let line = try? Output.text(event) { Output.standard.line(line) }
            } else if tellsEvents {
                Output.standard.line(event.line)
            } else if tellsUtterances, case .wordsFinal(let transcript) = event.kind, !transcript.text.isEmpty {
                Output.standard.line(writer?.text(of: transcript.text) ?? transcript.text)
            }
        }
        if let writer { result = result.written(by: writer) }
        switch form {
        case .json: try Output.standard.json(result)
        case .srt: Output.standard.text(Subtitles(result.words).srt)
        case .vtt: Output.standard.text(Subtitles(result.words).vtt)
        case .txt where nbest != nil: tell(result.nbest ?? [], of: name)
        case .txt where !stream && !microphone:
            Output.standard.line(files.count > 1 ? "\(name)\t\(result.text)" : result.text)
        case .txt: break
        }
        if result.text.isEmpty, !microphone {
            throw CommandError("\(name == "-" ? "standard input" : name): no speech was heard", status: ExitStatus.partly)
        }
    }

    /// The texts of each utterance with their scores, a blank line between utterances.
    private func tell(_ utterances: [[Alternative]], of name: String) {
        for (index, alternatives) in utterances.enumerated() {
            if index > 0 { Output.standard.line() }
            for alternative in alternatives {
                let line = String(format: "%.3f\t", alternative.score) + alternative.text
                Output.standard.line(files.count > 1 ? "\(name)\t\(line)" : line)
            }
        }
    }
}

extension MynaSession.Transcription {
    /// The same with marks and capitals, in the text with digits too; events stay as they were.
    fileprivate func written(by writer: WrittenForm) -> Self {
        var written = self
        written.text = writer.text(of: text)
        for (index, word) in writer.words(words.map(\.word)).enumerated() { written.words[index].word = word }
        return written
    }
}
