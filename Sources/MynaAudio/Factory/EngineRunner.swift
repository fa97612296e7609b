internal import Foundation

/// Speaks through the engines' own programs, for one job; it owns a scratch folder that it removes at its end.
final class EngineRunner {
    private let scratch: String
    private let espeakData: String?

    init(scratch: String) throws(AudioError) {
        self.scratch = scratch
        do {
            try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
            espeakData = try EngineRunner.espeakFolder(in: scratch)
        } catch {
            throw .unwritable(file: scratch, reason: "\(error)")
        }
    }

    deinit {
        // A folder that stays behind is litter and nothing more.
        try? FileManager.default.removeItem(atPath: scratch)
    }

    /// What one engine is asked to say.
    struct Line {
        var voice: FactoryVoice
        /// Lower-case words with commas and an end mark.
        var spoken: String
        /// A pause is wanted after this many words.
        var pauseAfter: Int?
    }

    /// The sound of a line at the engine's rate; nil where the engine failed.
    func speak(_ line: Line) -> (samples: [Float], rate: Int)? {
        switch line.voice.engine {
        case .espeak: return decode(espeak(line))
        case .flite:
            let voice = line.voice
            return decode(
                ChildProcess.output([
                    "flite", "-voice", voice.name, "--setf", "duration_stretch=\(1 / voice.rate)", "--setf",
                    "int_f0_target_mean=\(voice.pitch)", "--setf", "int_f0_target_stddev=\(voice.pitchSpread)", "-t",
                    EngineRunner.withComma(line), "-o", "/dev/stdout",
                ]))
        case .pico:
            let voice = line.voice
            let wave = "\(scratch)/pico.wav"
            defer { unlink(wave) }
            guard
                ChildProcess.output([
                    "pico2wave", "-l", voice.name, "-w", wave,
                    "<speed level='\(Int(100 * voice.rate))'><pitch level='\(Int(voice.pitch))'>\(EngineRunner.withComma(line))"
                        + "</pitch></speed>",
                ]) != nil, let data = FileManager.default.contents(atPath: wave)
            else { return nil }
            return decode([UInt8](data))
        case .festival, .festivalHTS: return speakAll([line])[0]
        }
    }

    /// Many lines through one festival, whose start costs more than a sentence.
    func speakAll(_ lines: [Line]) -> [(samples: [Float], rate: Int)?] {
        var script = ""
        for (i, line) in lines.enumerated() {
            let voice = line.voice
            script += "(voice_\(voice.name))\n(Parameter.set 'Duration_Stretch \(1 / voice.rate))\n"
            if voice.engine == .festival {
                script +=
                    "(set! int_lr_params '((target_f0_mean \(voice.pitch)) (target_f0_std \(voice.pitchSpread)) "
                    + "(model_f0_mean 170) (model_f0_std 34)))\n"
            }
            script +=
                "(unwind-protect (utt.save.wave (utt.synth (Utterance Text \"\(EngineRunner.withComma(line))\")) "
                + "\"\(scratch)/\(i).wav\" 'riff) nil)\n"
        }
        let path = "\(scratch)/lines.scm"
        guard FileManager.default.createFile(atPath: path, contents: Data(script.utf8)) else {
            return lines.map { _ in nil }
        }
        _ = ChildProcess.output(["festival", "-b", path])
        return lines.indices.map { i in
            let wave = "\(scratch)/\(i).wav"
            defer { unlink(wave) }
            guard let data = FileManager.default.contents(atPath: wave) else { return nil }
            return decode([UInt8](data))
        }
    }

    private func espeak(_ line: Line) -> [UInt8]? {
        let voice = line.voice
        var arguments = ["espeak-ng", "--stdout", "-m"]
        if let variant = voice.drawnVariant {
            guard let espeakData,
                FileManager.default.createFile(
                    atPath: "\(espeakData)/espeak-ng-data/voices/!v/drawn", contents: Data(variant.utf8))
            else { return nil }
            arguments += ["--path=\(espeakData)"]
        }
        arguments += [
            "-v", voice.name, "-s", String(Int(165 * voice.rate)), "-p", String(Int(voice.pitch)), "-g", String(voice.wordGap),
        ]
        var words = line.spoken.split(separator: " ").map(String.init)
        if let after = line.pauseAfter { words[after - 1] += " <break time=\"700ms\"/>" }
        return ChildProcess.output(arguments + ["--", EngineRunner.respelled(words.joined(separator: " "))])
    }

    private static func withComma(_ line: Line) -> String {
        guard let after = line.pauseAfter else { return respelled(line.spoken) }
        var words = line.spoken.split(separator: " ").map(String.init)
        if !words[after - 1].hasSuffix(",") { words[after - 1] += "," }
        return respelled(words.joined(separator: " "))
    }

    /// Engines take the "a" of "seven a m" for the article.
    static func respelled(_ spoken: String) -> String {
        var words = spoken.split(separator: " ").map(String.init)
        for i in words.indices.dropLast() where words[i] == "a" {
            let marks = words[i + 1].drop { $0 == "m" }
            guard words[i + 1].hasPrefix("m"), marks.allSatisfy({ ",.?".contains($0) }) else { continue }
            words[i] = "a.m." + (marks == "." ? "" : marks)
            words[i + 1] = ""
        }
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func decode(_ wave: [UInt8]?) -> (samples: [Float], rate: Int)? {
        guard let wave, wave.count > 1000 else { return nil }
        do {
            let reader = try AudioReader(bytes: wave, name: "engine")
            let samples = try reader.readAll()
            return samples.isEmpty ? nil : (samples, reader.sampleRate)
        } catch {
            return nil  // what an engine wrote is no sound: the caller draws another voice
        }
    }

    /// A folder of espeak's data with room for variants of our own; nil where espeak's data is not found.
    private static func espeakFolder(in scratch: String) throws -> String? {
        guard let said = ChildProcess.output(["espeak-ng", "--version"]) else { return nil }
        let version = String(decoding: said, as: UTF8.self)
        guard let mark = version.range(of: "Data at: ") else { return nil }
        let data = version[mark.upperBound...].trimmingCharacters(in: .whitespacesAndNewlines)
        let files = FileManager.default
        let own = "\(scratch)/espeak-ng-data"
        try files.createDirectory(atPath: "\(own)/voices/!v", withIntermediateDirectories: true)
        for entry in try files.contentsOfDirectory(atPath: data) where entry != "voices" {
            let link = "\(own)/\(entry)"
            if !files.fileExists(atPath: link) {
                try files.createSymbolicLink(atPath: link, withDestinationPath: "\(data)/\(entry)")
            }
        }
        return scratch
    }
}
