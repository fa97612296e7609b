#!/usr/bin/env bash
# Tools/fuzz.sh [COUNT [SEED]]: damaged safetensors files under AddressSanitizer, from a build of its own in .build/address.
set -euo pipefail
cd "$(dirname "$0")/.."

swift=${SWIFT:-swift}
# Swift's own tables of types look like leaks; what is looked for here are reads and writes outside.
export ASAN_OPTIONS=detect_leaks=0
# Optimised: the standard library's reads of raw memory become part of our code only then, and only our code is watched. Unoptimised
# they stay calls into a library without the sanitizer, and the overread below would go unnoticed.
# shellcheck disable=SC2086 # SWIFT may be a command with arguments
$swift build -c release --sanitize=address --scratch-path .build/address --product fuzz 2>&1 | { grep -v "ld.gold: warning: Cannot export local symbol" || true; }
fuzz=.build/address/release/fuzz
if "$fuzz" overread >/dev/null 2>&1; then
    echo "fuzz: a read beyond a block went unnoticed: AddressSanitizer is not on" >&2
    exit 1
fi
exec "$fuzz" "$@"
