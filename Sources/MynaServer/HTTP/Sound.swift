internal import FlyingFox
internal import Foundation
internal import MynaAudio
internal import MynaStages
internal import Synchronization

/// `/v1/audio`: recordings to text, and text to sound.
extension MynaServer {
    func transcription(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = try await data(request)
        guard let form = Multipart(body, contentType: request.headers[.contentType]) else {
            throw Fault(status: .badRequest, problem: "the body is not multipart/form-data", code: "invalid_form")
        }
        guard let file = form.parts.first(where: { $0.name == "file" }) else {
            throw Fault(status: .badRequest, problem: "\"file\" is missing", code: "missing_parameter")
        }
        let format = form["response_format"] ?? "json"
        guard ["json", "text", "verbose_json"].contains(format) else {
            throw Fault(
                status: .badRequest, problem: "response_format \"\(format)\" is not json, text or verbose_json",
                code: "invalid_value")
        }
        let samples: [Float]
        do {
            samples = try AudioReader.samples(bytes: [UInt8](file.data), name: file.file ?? "file", at: 16_000)
        } catch {
            throw Fault(status: .badRequest, problem: "\(error)", code: "invalid_audio")
        }
        let written = form["prompt"] ?? ""
        guard let prompt = TranscriptionPrompt(written) else {
            throw Fault(
                status: .badRequest,
                problem: "prompt has \(written.count) characters, more than \(TranscriptionPrompt.longest)", code: "invalid_value"
            )
        }
        let listening = try await parts.recognizer.listen(until: EndOfTurn(), expecting: prompt.sentences)
        let seconds = Double(samples.count) / 16_000
        if form["stream"] == "true" {
            return HTTPResponse(
                statusCode: .ok, headers: [.contentType: "text/event-stream"],
                body: HTTPBodySequence(from: TranscriptEvents(samples: samples, stream: listening, seconds: seconds)))
        }
        var events = try await listening.hear(AudioFrame(samples: samples, sampleRate: 16_000))
        events += try await listening.finish()
        let transcript = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }.last
        let text = transcript?.text ?? ""
        let usage: Value = ["type": "duration", "seconds": .number(seconds.rounded(.up))]
        switch format {
        case "json": return json(["text": .string(text), "usage": usage])
        case "text":
            return HTTPResponse(
                statusCode: .ok, headers: [.contentType: "text/plain; charset=utf-8"], body: Data((text + "\n").utf8))
        default:
            let words: [Value] = (transcript?.words ?? []).map {
                ["word": .string($0.word), "start": .number($0.start), "end": .number($0.end)]
            }
            return json([
                "task": "transcribe", "language": "english", "duration": .number(seconds), "text": .string(text),
                "words": .list(words), "usage": usage,
            ])
        }
    }

    func speech(_ request: HTTPRequest) async throws -> HTTPResponse {
        let fields = try await object(request)
        guard let text = fields["input"]?.string, (1...4096).contains(text.count) else {
            throw Fault(status: .badRequest, problem: "\"input\" is text of 1 to 4096 characters", code: "invalid_value")
        }
        let format = fields["response_format"]?.string ?? "wav"
        guard ["wav", "pcm"].contains(format) else {
            throw Fault(status: .badRequest, problem: "response_format \"\(format)\" is not wav or pcm", code: "invalid_value")
        }
        let collected = Mutex([Float]())
        let sound = SoundAtRate(PCM16.rate)
        try await parts.synthesizer.speak(text) { frame in
            let samples = try await sound.resampled(frame)
            collected.withLock { $0 += samples }
        }
        let samples = collected.withLock { $0 } + (await sound.rest())
        let body = format == "wav" ? PCM16.wave(samples, rate: PCM16.rate) : PCM16.data(samples)
        return HTTPResponse(statusCode: .ok, headers: [.contentType: format == "wav" ? "audio/wav" : "audio/pcm"], body: body)
    }
}
