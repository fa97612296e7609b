#!/usr/bin/env bash
# The end of `make run`: serves the page until it is interrupted, where somebody sits at a terminal; else says how to.
#
#   Tools/serve_on.sh PROGRAM
set -euo pipefail

if [ ! -t 0 ] || [ ! -t 1 ] || [ -n "${CI:-}" ]; then
    printf '%s\n' "" "To talk on: $1 serve, then http://127.0.0.1:8420/ (no terminal here, so nothing is served now)"
    exit 0
fi
port=${MYNA_PORT:-8420}
# Something that serves there already may well be Myna, left running.
if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    printf '%s\n' "" "To talk on: port $port is taken already; MYNA_PORT=8421 make run takes another one"
    exit 0
fi
printf '%s\n' "" "Now talk to it yourself, in a browser on this machine; Ctrl-C ends it."
# An interrupt is how one ends it.
trap : INT
"$1" serve --log none
