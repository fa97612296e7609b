#!/usr/bin/env bash
# Packs myna into an archive that runs where there is a libtorch and no Swift: `make portable`; tries it: `make portable-try`.
#
# The program has Swift's run time inside. The shim over libtorch travels as source and is compiled there, with plain g++,
# against whichever libtorch is at hand (2.11 to 2.13, for CPU or CUDA). See docs/guides/portable.md.
set -euo pipefail
cd "$(dirname "$0")/.."

name=myna-portable
out=out/$name

say() { printf 'portable: %s\n' "$*"; }
stop() {
    printf 'portable: %s\n' "$*" >&2
    exit 1
}

# Libraries that every Linux has, or that come with libtorch.
is_given() {
    case $1 in
    linux-vdso* | ld-linux* | libc.so* | libm.so* | libdl.so* | libpthread.so* | librt.so* | libstdc++* | libgcc_s* | libgomp* | \
        libtorch* | libc10* | libctorch*) return 0 ;;
    esac
    return 1
}

pack() {
    say "building with Swift's run time inside; this takes minutes"
    swift build -c release --static-swift-stdlib --scratch-path .build/portable --product myna
    rm -rf "$out" && mkdir -p "$out/bin" "$out/lib" "$out/Sources" "$out/Tools"
    cp .build/portable/release/myna "$out/bin/"
    strip --strip-unneeded "$out/bin/myna"
    local library path
    while read -r library _ path _; do
        is_given "$library" || { [ -f "$path" ] && cp -L "$path" "$out/lib/$library"; }
    done < <(ldd .build/portable/release/myna)
    cp -r .build/portable/release/*.resources "$out/bin/"
    cp -r Sources/CTorch Sources/CGloo Sources/CEcho "$out/Sources/"
    cp Tools/ctorch.mk "$out/Tools/"
    cp -r Recipes Models LICENSE "$out/"
    cat >"$out/myna" <<'RUN'
#!/bin/sh
# Runs myna with the libraries beside it and the shim that rebuild.sh compiled.
here=$(cd "$(dirname "$0")" && pwd)
if [ ! -e "$here/.native/lib/libctorch.so" ]; then
    echo "myna: the shim over libtorch is not built yet: run $here/rebuild.sh FOLDER_OF_LIBTORCH first" >&2
    exit 78
fi
LD_LIBRARY_PATH="$here/.native/lib:$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/bin/myna" "$@"
RUN
    cat >"$out/rebuild.sh" <<'RUN'
#!/bin/sh
# Compiles the shim against a libtorch: a folder with include/ and lib/, such as site-packages/torch.
# Needs g++ 11 or later and make. Without a folder, the torch of python3 is taken.
set -eu
cd "$(dirname "$0")"
torch=${1:-$(python3 -c 'import os, torch; print(os.path.dirname(torch.__file__))')}
exec make -j"$(getconf _NPROCESSORS_ONLN)" -f Tools/ctorch.mk TORCH="$torch"
RUN
    chmod +x "$out/myna" "$out/rebuild.sh"
    tar -C out -czf "$out.tar.gz" "$name"
    say "$out.tar.gz, $(du -h "$out.tar.gz" | cut -f1)"
}

# A manifest and a recipe of a few seconds, from the demo's recordings.
small_training() {
    local folder=$1
    cp Fixtures/demo/*.wav "$folder/"
    local file
    for file in "$folder"/*.wav; do
        printf '{"id":"%s","audio":"%s","text":"turn on the kitchen light","split":"train"}\n' "${file##*/}" "${file##*/}"
    done >"$folder/speech.jsonl"
    : >"$folder/noise.jsonl"
    cat >"$folder/recipe.json" <<RECIPE
{"model": {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64, "hidden_act": "silu",
  "attention_bias": true, "convolution_bias": true, "conv_kernel_size": 9, "subsampling_factor": 8,
  "subsampling_conv_channels": 8, "num_mel_bins": 80, "subsampling_conv_kernel_size": 3, "subsampling_conv_stride": 2,
  "max_position_embeddings": 5000, "scale_input": false, "sliding_window": 71, "default_num_lookahead_tokens": 13,
  "model_type": "nemotron_asr_streaming_encoder"},
 "predictionWidth": 16, "predictionLayers": 1, "pieces": 40,
 "sources": [{"name": "speech", "share": 1, "isFinished": true, "manifests": ["$folder/speech.jsonl"]}],
 "noise": "$folder/noise.jsonl", "checks": [],
 "schedule": {"peak": 0.001, "warmupSteps": 1, "decaySteps": 1, "steps": 5},
 "batchSeconds": 6, "chunks": [7], "dropout": 0.0, "ctcWeight": 0.3, "transducerFrom": 0, "fastEmit": 0.0, "averaging": 0.9,
 "evaluateEvery": 100, "seed": 1}
RECIPE
}

# The move to another machine, without one: Swift hidden, another copy of libtorch, a folder of its own.
try() {
    [ -f "$out.tar.gz" ] || stop "$out.tar.gz is not there: make portable first"
    local torch=${TORCH:-.native/python/torch} scratch
    scratch=$(mktemp -d)
    # shellcheck disable=SC2064 # the folder of now
    trap "rm -rf '$scratch'" EXIT
    tar -C "$scratch" -xzf "$out.tar.gz"
    # Another build of libtorch where one is given, else at least another copy in another place.
    if [ -z "${TORCH:-}" ]; then
        say "another copy of libtorch"
        mkdir "$scratch/site" && cp -rL "$torch" "$scratch/site/torch"
        torch=$scratch/site/torch
    fi
    torch=$(realpath "$torch")
    small_training "$scratch"
    local swift
    swift=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")")
    say "hiding $swift"
    unshare -m bash -euc '
        mount -t tmpfs none "$1"
        ! command -v swiftc >/dev/null || { echo "portable: Swift is still there" >&2; exit 1; }
        cd "$2"
        ./myna-portable/rebuild.sh "$3"
        ldd ./myna-portable/.native/lib/libctorch.so | grep libtorch_cpu
        ./myna-portable/myna train asr --recipe recipe.json --out run
        ./myna-portable/myna transcribe 1-action.wav
    ' try "$swift" "$scratch" "$torch"
    say "a training and a transcription ran without Swift, over $torch"
}

case ${1:-pack} in
pack) pack ;;
try) try ;;
*) stop "$1: pack or try" ;;
esac
