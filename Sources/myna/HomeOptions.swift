import ArgumentParser
import Foundation
import MynaHomeAssistant

/// Which home a command is for.
struct HomeOptions: ParsableArguments {
    @Option(help: "The home's file; the one that ships with the program if not given.") var home: String?
    @OptionGroup var real: RealHomeOptions
    @Option(
        help: "The folder that lists, timers and delayed requests are kept in; MYNA_STATE if not given. Without, nothing is kept."
    )
    var state: String?

    func validate() throws {
        if home != nil, real.homeAssistant != nil { throw ValidationError("give either --home or --home-assistant") }
    }

    /// Where to keep what is to outlive the program; nil where nothing is.
    var stateFolder: String? {
        state ?? ProcessInfo.processInfo.environment["MYNA_STATE"].flatMap { $0.isEmpty ? nil : $0 }
    }

}

/// A real home.
struct RealHomeOptions: ParsableArguments {
    @Option(help: "The address of a Home Assistant, http://HOST:PORT, in place of a file.") var homeAssistant: String?
    @Option(help: "The file with its long-lived access token; the token in MYNA_HOME_ASSISTANT_TOKEN if not given.")
    var homeAssistantToken: String?

    func validate() throws {
        if homeAssistantToken != nil, homeAssistant == nil {
            throw ValidationError("--home-assistant-token goes with --home-assistant")
        }
    }

    /// The token, which no option takes: what a command line holds, every user of the machine can see.
    func token() throws(HomeAssistantError) -> HomeAssistantToken {
        if let homeAssistantToken { return try .read(at: homeAssistantToken) }
        let variable = "MYNA_HOME_ASSISTANT_TOKEN"
        guard let text = ProcessInfo.processInfo.environment[variable] else {
            throw .badToken(source: variable, reason: "it is not set, and --home-assistant-token names no file")
        }
        return try HomeAssistantToken(text, source: variable)
    }
}
