internal import FlyingFox
internal import Foundation
internal import MynaStages

/// Requests and answers in JSON and as events, in the forms that OpenAI's clients know.
extension MynaServer {
    func data(_ request: HTTPRequest) async throws -> Data {
        var body = Data()
        for try await piece in request.bodySequence {
            body += piece
            guard body.count <= options.mostBytes else {
                throw Fault(status: .payloadTooLarge, problem: "a request may have \(options.mostBytes) bytes", code: "too_large")
            }
        }
        return body
    }

    func object(_ request: HTTPRequest) async throws -> [String: Value] {
        do {
            return try JSONDecoder().decode([String: Value].self, from: try await data(request))
        } catch let fault as Fault {
            throw fault
        } catch {
            throw Fault(status: .badRequest, problem: "the body is not a JSON object", code: "invalid_json")
        }
    }

    func json(_ value: Value, _ status: HTTPStatusCode = .ok) -> HTTPResponse {
        let body = (try? JSONEncoder().encode(value)) ?? Data()  // such values are always encoded
        return HTTPResponse(statusCode: status, headers: [.contentType: "application/json"], body: body)
    }

    /// Server-sent events.
    func stream(_ values: [Value], end: String? = nil) -> HTTPResponse {
        var text = values.map { "data: " + String(decoding: (try? JSONEncoder().encode($0)) ?? Data(), as: UTF8.self) + "\n\n" }
            .joined()  // such values are always encoded
        if let end { text += "data: \(end)\n\n" }
        return HTTPResponse(statusCode: .ok, headers: [.contentType: "text/event-stream"], body: Data(text.utf8))
    }

    func refusal(_ status: HTTPStatusCode, _ problem: String, _ code: String) -> HTTPResponse {
        json(
            ["error": ["message": .string(problem), "type": "invalid_request_error", "param": .null, "code": .string(code)]],
            status)
    }
}
