internal import Foundation

/// The fields of a form with files (RFC 7578).
struct Multipart {
    struct Part: Equatable {
        var name: String
        var file: String?
        var data: Data
    }

    var parts: [Part] = []

    subscript(_ name: String) -> String? {
        parts.first { $0.name == name }.flatMap { String(data: $0.data, encoding: .utf8) }
    }

    /// - Returns: nil where the body is no such form.
    init?(_ body: Data, contentType: String?) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data"),
            let start = contentType.range(of: "boundary=", options: .caseInsensitive)
        else { return nil }
        var boundary = String(contentType[start.upperBound...].prefix { $0 != ";" }).trimmingCharacters(in: .whitespaces)
        if boundary.count > 1, boundary.hasPrefix("\""), boundary.hasSuffix("\"") {
            boundary = String(boundary.dropFirst().dropLast())
        }
        guard (1...70).contains(boundary.utf8.count) else { return nil }
        let line = Data("--\(boundary)".utf8)
        let (newline, blank) = (Data("\r\n".utf8), Data("\r\n\r\n".utf8))
        guard var position = body.range(of: line)?.upperBound else { return nil }
        while true {
            let rest = body[position...]
            if rest.starts(with: Data("--".utf8)) { return }  // the end
            guard rest.starts(with: newline), let headEnd = rest.range(of: blank),
                let next = body.range(of: newline + line, in: headEnd.lowerBound..<body.endIndex)
            else { return nil }
            // An empty part's blank line may be the boundary's own.
            let from = min(headEnd.upperBound, next.lowerBound)
            guard let head = String(data: rest[rest.startIndex + 2..<headEnd.lowerBound], encoding: .utf8),
                let disposition = head.components(separatedBy: "\r\n").first(where: {
                    $0.lowercased().hasPrefix("content-disposition:")
                }), let name = Self.parameter("name", of: disposition)
            else { return nil }
            parts.append(
                Part(name: name, file: Self.parameter("filename", of: disposition), data: Data(body[from..<next.lowerBound])))
            position = next.upperBound
        }
    }

    private static func parameter(_ name: String, of header: String) -> String? {
        for field in header.split(separator: ";").dropFirst() {
            let pair = field.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces).lowercased() == name else { continue }
            return pair[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: CharacterSet(charactersIn: "\""))
        }
        return nil
    }
}
