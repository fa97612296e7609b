/// Why a client's message could not be followed.
struct RealtimeError: Error, Equatable {
    var type = "invalid_request_error"
    var code: String?
    var message: String
    var param: String?

    init(type: String = "invalid_request_error", code: String?, _ message: String, param: String?) {
        (self.type, self.code, self.message, self.param) = (type, code, message, param)
    }
}
