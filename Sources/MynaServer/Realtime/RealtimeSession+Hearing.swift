internal import MynaStages

extension RealtimeSession {
    /// Takes the client's sound.
    func hear(_ samples: [Float]) async throws {
        guard !samples.isEmpty else { return }
        let rate = settings.input.rate
        let milliseconds = Double(samples.count) / Double(rate) * 1000
        lastSound = .now
        defer { heardMilliseconds += milliseconds }
        if listening == nil, heardMilliseconds >= refusedUntil { try await startListening() }
        guard let stream = listening?.stream else { return }
        let events = try await stream.hear(AudioFrame(samples: samples, sampleRate: rate))
        listening?.milliseconds += milliseconds
        for event in events { try await take(event) }
        // Silence alone is not kept: the next word begins anew.
        if let current = listening, !current.hasSpoken, current.milliseconds > 30_000, settings.turns != nil { listening = nil }
    }

    /// Takes what the recogniser has heard since the client sent its last sound.
    func hearLateEvents() async throws {
        guard let stream = listening?.stream else { return }
        for event in try await stream.hear(AudioFrame(samples: [], sampleRate: settings.input.rate)) { try await take(event) }
    }

    /// - Throws: what a recogniser says that has no time for one more; then what comes in the next second is not heard, and nothing
    ///   more is told of it.
    private func startListening() async throws {
        let stream: any ListeningStream
        var end = settings.turns?.end ?? EndOfTurn()
        // Over a reply nobody should have to wait for a word until it is silent.
        if isSpeaking, settings.turns?.interrupts == true { end.beginsWithSound = true }
        do {
            stream = try await parts.recognizer.listen(until: end, expecting: settings.prompt.sentences)
        } catch {
            refusedUntil = heardMilliseconds + 1000
            throw RealtimeError(type: "server_error", code: "overloaded", "\(error)", param: nil)
        }
        listening = Listening(stream: stream, item: next("item"), start: heardMilliseconds)
        if tellsAll, let number = stream.number { tell("myna.stream", ["stream": .number(Double(number))]) }
    }

    private func take(_ event: Event) async throws {
        guard let current = listening else { return tellAll(event) }
        if case .speechStarted = event.kind {
            noteHeard()
            recorder = TurnRecorder(form: "realtime", offset: event.time)
        }
        recorder?.note(event.kind)
        tellAll(event, clock: recorder?.event(event.kind).time)
        switch event.kind {
        case .speechStarted:
            listening?.hasSpoken = true
            guard let turns = settings.turns else { return }
            tell(
                "input_audio_buffer.speech_started",
                ["audio_start_ms": whole(current.start + event.time * 1000), "item_id": .string(current.item)])
            if turns.interrupts { cancelResponse("turn_detected") }
        case .wordsPartial(let text, let stable):
            guard settings.transcribes, stable > current.told.count else { return }
            listening?.told = String(text.prefix(stable))
            tellWords(text.prefix(stable).dropFirst(current.told.count), of: current.item)
        case .endDecided:
            guard let turns = settings.turns, current.hasSpoken else { return }
            tell(
                "input_audio_buffer.speech_stopped",
                ["audio_end_ms": whole(current.start + event.time * 1000), "item_id": .string(current.item)])
            try await finishListening(respond: turns.responds)
        default: return
        }
    }

    /// The utterance is over: its words are final, and it becomes an item of the conversation.
    func finishListening(respond: Bool) async throws {
        guard let current = listening else { return }
        listening = nil
        tell("input_audio_buffer.committed", ["item_id": .string(current.item), "previous_item_id": items.last])
        let events = try await current.stream.finish()
        if recorder == nil { recorder = TurnRecorder(form: "realtime", offset: current.milliseconds / 1000) }
        for event in events {
            recorder?.note(event.kind)
            tellAll(event, clock: recorder?.event(event.kind).time)
        }
        let heard = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }.last
        let text = heard?.text ?? ""
        add([
            "id": .string(current.item), "object": "realtime.item", "type": "message", "role": "user", "status": "completed",
            "content": [["type": "input_audio", "transcript": .string(text)]],
        ])
        if settings.transcribes {
            // What only the end settled, so that the pieces together are the whole.
            if text.hasPrefix(current.told) { tellWords(text.dropFirst(current.told.count), of: current.item) }
            tell(
                "conversation.item.input_audio_transcription.completed",
                [
                    "item_id": .string(current.item), "content_index": 0, "transcript": .string(text),
                    "usage": ["type": "duration", "seconds": .number((current.milliseconds / 10).rounded() / 100)],
                ])
        }
        recorder?.answering(text)
        guard !settings.isTranscription, !text.isEmpty else { return noteHeard() }
        asked = .words(text, heard?.alternatives ?? [])
        guard respond else { return }
        // One that was cancelled has only its last words to tell.
        if let last = response, last.reason != nil { await last.task.value }
        if response == nil, let asked { self.respond(to: asked, settings) }
    }

    /// A turn that was heard gets no response.
    func noteHeard() {
        guard let recorder else { return }
        self.recorder = nil
        recorder.change { $0.kind = "heard" }
        if let turn = recorder.finished() { note(turn) }
    }

    private func tellWords(_ words: Substring, of item: String) {
        guard !words.isEmpty else { return }
        tell(
            "conversation.item.input_audio_transcription.delta",
            ["item_id": .string(item), "content_index": 0, "delta": .string(String(words))])
    }

    private func whole(_ value: Double) -> Value { .number(max(0, value.rounded())) }
}
