import Foundation
import MynaAssistant
import MynaAudio
import MynaDevices
import MynaHomeAssistant
import MynaHub
import MynaLanguage
import MynaRecognition
import MynaServer
import MynaSession
import MynaStore
import MynaText
import MynaVoice
import Torch
import TorchNN
import TorchTrain

/// How a command ends, as `sysexits.h` numbers it.
enum ExitStatus {
    static let partly: Int32 = 1
    static let badData: Int32 = 65
    static let noInput: Int32 = 66
    static let unavailable: Int32 = 69
    static let cannotCreate: Int32 = 73
    static let interrupted: Int32 = 130
}

/// A fault that only a command can have.
struct CommandError: Error, CustomStringConvertible {
    var description: String
    var status: Int32

    init(_ description: String, status: Int32 = ExitStatus.badData) {
        self.description = description
        self.status = status
    }
}

/// The exit status of an error of ours; nil leaves it to the argument parser, whose errors carry their own.
func exitStatus(of error: any Error) -> Int32? {
    switch error {
    case let error as CommandError: error.status
    case let error as AudioError:
        switch error {
        case .missing: ExitStatus.noInput
        case .unwritable: ExitStatus.cannotCreate
        case .noProgram: ExitStatus.unavailable
        default: ExitStatus.badData
        }
    case is ModelFolderError, is WeightsError, is SafetensorsError, is TokenizerError, is RecognitionError, is LanguageError,
        is ConversationError, is HomeError, is IntentTextError:
        ExitStatus.badData
    case let error as TextFileError:
        if case .missing = error { ExitStatus.noInput } else { ExitStatus.badData }
    case let error as ChatModelError:
        switch error {
        case .unreachable, .refused: ExitStatus.unavailable
        default: ExitStatus.badData
        }
    case is JSONSchemaError: ExitStatus.badData
    case let error as HubError:
        switch error {
        case .unreachable, .refused: ExitStatus.unavailable
        case .notFound, .notAllowed, .notKept: ExitStatus.noInput
        case .cannotWrite: ExitStatus.cannotCreate
        default: ExitStatus.badData
        }
    case let error as HomeAssistantError:
        switch error {
        case .badAddress, .badToken, .nonsense: ExitStatus.badData
        default: ExitStatus.unavailable
        }
    case let error as StoreError:
        switch error {
        case .inUse: ExitStatus.unavailable
        case .damaged: ExitStatus.badData
        case .cannotOpen, .cannotWrite: ExitStatus.cannotCreate
        }
    case let error as ServiceError:
        if case .unreachable = error { ExitStatus.unavailable } else { ExitStatus.partly }
    case let error as MicrophoneError:
        if case .noSuchDevice = error { ExitStatus.noInput } else { ExitStatus.unavailable }
    case let error as ServerError:
        switch error {
        case .cannotListen: ExitStatus.unavailable
        case .noFile: ExitStatus.noInput
        case .badSetting, .badFile, .badTLS: ExitStatus.badData
        }
    case is VoiceError: ExitStatus.unavailable
    case is TrainingError: ExitStatus.partly
    case is CancellationError: ExitStatus.interrupted
    default: nil
    }
}

/// One line for people on standard error.
func writeError(_ error: any Error) {
    writeProblem(error is CancellationError ? "interrupted" : "\(error)")
}

/// As ``writeError(_:)`` for what does not end the command.
func writeProblem(_ problem: String) {
    let text = problem.split(whereSeparator: \.isNewline).joined(separator: " ")
    FileHandle.standardError.write(Data("myna: \(text)\n".utf8))
}
