internal import Foundation

/// Speech with noise added at a signal-to-noise ratio, mean power against mean power.
///
/// - Parameters:
///   - noise: repeated where the speech is longer; it starts at sample `start`.
///   - decibels: of the speech above the noise.
/// - Returns: as many samples as the speech has; the speech itself where either is silent.
public func mixed(_ speech: [Float], with noise: [Float], from start: Int = 0, snr decibels: Float) -> [Float] {
    func power(_ samples: [Float]) -> Float { samples.reduce(0) { $0 + $1 * $1 } / Float(max(1, samples.count)) }
    let (signal, disturbance) = (power(speech), power(noise))
    guard signal > 0, disturbance > 0 else { return speech }
    let gain = (signal / disturbance / powf(10, decibels / 10)).squareRoot()
    return speech.indices.map { speech[$0] + gain * noise[(start + $0) % noise.count] }
}
