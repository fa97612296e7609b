import Foundation
import Testing
import Torch
import TorchNN
import TorchTrain

@Suite struct BatchesAndEventsTests {
    let folder = FileManager.default.temporaryDirectory.appending(path: "events-\(UUID().uuidString)").path

    @Test(arguments: 0..<5) func `every sequence is in one batch, and no batch is over budget`(epoch: Int) {
        let lengths = (0..<200).map { 5 + ($0 * 37) % 90 }
        let batches = LengthBatches(lengths: lengths, budget: 300, seed: 3, epoch: epoch).batches
        #expect(batches.flatMap { $0 }.sorted() == Array(0..<200))
        let sizes = batches.map { batch in (batch.map { lengths[$0] }.max() ?? 0) * batch.count }
        #expect(sizes.allSatisfy { $0 <= 300 })
        #expect(Double(lengths.reduce(0, +)) / Double(sizes.reduce(0, +)) > 0.85)
        #expect(batches == LengthBatches(lengths: lengths, budget: 300, seed: 3, epoch: epoch).batches)
        #expect(batches != LengthBatches(lengths: lengths, budget: 300, seed: 3, epoch: epoch + 1).batches)
    }

    @Test func `checksums are CRC-32C`() { #expect(EventFile.checksum(Array("123456789".utf8)) == 0xE306_9283) }

    @Test func `an event file is records of the right bytes`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = try EventFile(folder: folder, began: 7)
        try file.write(["loss": 0.5], step: 300, time: 8)
        let bytes = try Data(contentsOf: URL(filePath: folder + "/events.out.tfevents.7.myna"))
        let first = 12 + 9 + 2 + 15 + 4
        let event: [UInt8] =
            [9, 0, 0, 0, 0, 0, 0, 0x20, 0x40, 16, 0xAC, 2, 42, 13, 10, 11, 10, 4] + Array("loss".utf8) + [21, 0, 0, 0, 0x3F]
        #expect(bytes.count == first + 12 + event.count + 4)
        #expect(Array(bytes.dropFirst(first + 12).prefix(event.count)) == event)
    }

    #if os(Linux)
        @Test func `a full disk keeps the former file and leaves no part`() throws {
            defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let path = folder + "/checkpoint.safetensors"
            try Safetensors.write([("x", Tensor([Float(1)]))], to: path)
            let before = try Data(contentsOf: URL(filePath: path))
            try FileManager.default.createSymbolicLink(atPath: path + ".partial", withDestinationPath: "/dev/full")
            #expect(throws: SafetensorsError.self) { try Safetensors.write([("x", Tensor([Float(2)]))], to: path) }
            #expect(try Data(contentsOf: URL(filePath: path)) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["checkpoint.safetensors"])
        }
    #endif

    @Test func `two halves of a batch make the same step as the whole`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing to clean where nothing was made
        let weights = try [1, 2].map { parts -> [Float] in
            let store = ParameterStore()
            let layer = Linear(store.root, from: 3, to: 1)
            _ = layer.weight.fill_(0.3)
            _ = layer.bias?.zero_()
            store.setTrainable(true)
            var options = TrainerOptions(schedule: WarmupStableDecay(peak: 0.1, warmupSteps: 0, decaySteps: 0, steps: 3))
            (options.autocast, options.accumulation, options.tensorBoard) = (nil, parts, true)
            let trainer = try Trainer<Tensor>(
                store, optimizers: [AdamW(store.parameters)], options: options, folder: folder + "/\(parts)", report: { _ in })
            try trainer.run(
                batches: { number in
                    let x = Tensor((0..<12).map { Float(sin(Double($0 + 12 * (number / parts)))) }, [4, 3])
                    return (parts == 1 ? x : x.chunk(2)[number % 2], "\(number)", 1)
                }, loss: { ((layer($0) - 1).square().mean(), [:]) })
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: folder + "/\(parts)").contains { $0.hasPrefix("events.") })
            return layer.weight.array()
        }
        for (a, b) in zip(weights[0], weights[1]) { #expect(abs(a - b) < 1e-5) }
        #expect(weights[0] != [0.3, 0.3, 0.3])
    }
}
