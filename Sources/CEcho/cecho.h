// Echo cancellation of webrtc-audio-processing 0.3 behind a C interface, as a library of its own that is opened at run time: without it
// everything else works. A canceller is used by one thread at a time.
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ce_canceller_s *ce_canceller;

// For mono sound at 16,000 Hz in pieces of 10 ms (160 samples); NULL where the library makes none.
ce_canceller ce_make(void);
void ce_free(ce_canceller canceller);

// Takes 10 ms of what the loudspeaker plays and 10 ms of what the microphone heard, and takes the echo out of the latter in place.
// `delay_ms` is a guess of how much later the echo comes; the canceller finds the true delay itself. 0: done; else the library's error.
int32_t ce_process(ce_canceller canceller, const float *far, float *near, int32_t delay_ms);

// Whether the last piece held an echo as the canceller sees it.
int32_t ce_has_echo(ce_canceller canceller);

#ifdef __cplusplus
}
#endif
