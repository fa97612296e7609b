internal import Foundation

/// Draws the losses of a `metrics.jsonl` as an SVG picture.
public enum LossPlot {
    /// Reads each line's `step` and `loss` and writes one curve; does nothing while there are fewer than two.
    public static func write(metricsFile: String, to path: String) throws {
        guard let data = FileManager.default.contents(atPath: metricsFile) else { return }
        let points: [(x: Double, y: Double)] = String(decoding: data, as: UTF8.self).split(separator: "\n").compactMap { line in
            // A line with "nan" is no point
            guard let fields = try? JSONDecoder().decode([String: Double].self, from: Data(line.utf8)),
                let step = fields["step"], let loss = fields["loss"]
            else { return nil }
            return (step, loss)
        }
        guard points.count > 1, let last = points.last else { return }
        let (width, height, margin) = (720.0, 360.0, 48.0)
        let top = points.map(\.y).max() ?? 1
        func place(_ p: (x: Double, y: Double)) -> String {
            String(
                format: "%.1f,%.1f", margin + p.x / last.x * (width - 2 * margin),
                height - margin - p.y / top * (height - 2 * margin))
        }
        let labels = (0...4).map { tick -> String in
            let share = Double(tick) / 4
            let y = height - margin - share * (height - 2 * margin)
            let x = margin + share * (width - 2 * margin)
            return String(
                format:
                    "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\">%.2f</text><text x=\"%.0f\" y=\"%.0f\" text-anchor=\"middle\">%.0f</text>"
                    + "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.0f\" y2=\"%.0f\" stroke=\"#ddd\"/>",
                margin - 6, y + 4, top * share, x, height - margin + 18, last.x * share, margin, width - margin, y, y)
        }
        let svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="white"/>\(labels.joined())
            <polyline fill="none" stroke="#1565c0" stroke-width="1.5" points="\(points.map(place).joined(separator: " "))"/>
            <text x="\(Int(width / 2))" y="\(Int(height) - 8)" text-anchor="middle">step</text><text x="12" y="20">loss</text>
            </svg>
            """
        try Data(svg.utf8).write(to: URL(filePath: path), options: .atomic)
    }
}
