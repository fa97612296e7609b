#include "cecho.h"

#include <webrtc/modules/audio_processing/include/audio_processing.h>

#include <memory>
#include <new>

namespace {
constexpr int rate = 16000;
}

struct ce_canceller_s {
    std::unique_ptr<webrtc::AudioProcessing> processing;
};

ce_canceller ce_make(void) {
    webrtc::Config config;
    // The delay between loudspeaker and microphone is found by the canceller, and its filter is long enough for a living room.
    config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
    config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
    auto made = new (std::nothrow) ce_canceller_s;
    if (!made) return nullptr;
    made->processing.reset(webrtc::AudioProcessing::Create(config));
    auto processing = made->processing.get();
    if (!processing || processing->echo_cancellation()->Enable(true) != 0 ||
        processing->echo_cancellation()->enable_drift_compensation(false) != 0 ||
        processing->echo_cancellation()->set_suppression_level(webrtc::EchoCancellation::kHighSuppression) != 0 ||
        processing->high_pass_filter()->Enable(true) != 0) {
        delete made;
        return nullptr;
    }
    return made;
}

void ce_free(ce_canceller canceller) { delete canceller; }

int32_t ce_process(ce_canceller canceller, const float *far, float *near, int32_t delay_ms) {
    const webrtc::StreamConfig mono(rate, 1);
    float played[rate / 100];
    const float *source[] = {far};
    float *sink[] = {played};
    auto processing = canceller->processing.get();
    if (int error = processing->ProcessReverseStream(source, mono, mono, sink)) return error;
    // A delay out of range is a warning that the canceller mends itself.
    int error = processing->set_stream_delay_ms(delay_ms);
    if (error && error != webrtc::AudioProcessing::kBadStreamParameterWarning) return error;
    float *heard[] = {near};
    return processing->ProcessStream(heard, mono, mono, heard);
}

int32_t ce_has_echo(ce_canceller canceller) { return canceller->processing->echo_cancellation()->stream_has_echo(); }
