#!/usr/bin/env bash
# Tools/timed.sh TITLE COMMAND…: runs the command and says how long it took.
set -euo pipefail
title=$1
shift
printf '%s\n' "$title: $*"
status=0
"$@" </dev/null || status=$?
printf '%s\n' "$title: $([ "$status" -eq 0 ] && echo done || echo "failed ($status)") after $SECONDS s"
exit "$status"
