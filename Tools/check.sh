#!/usr/bin/env bash
# Looks over what git would track for things a build can't notice; prints each fault on a line and fails if there is any.
set -euo pipefail
cd "$(dirname "$0")/.."

faults=0
fault() {
    printf '%s\n' "check: $*" >&2
    faults=$((faults + 1))
}

# Each line of standard input is a fault of the kind named.
each_is() {
    local line
    while IFS= read -r line; do fault "$line: $1"; done
}

git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { printf '%s\n' "check: not a git checkout; nothing to look over"; exit 0; }
mapfile -d '' -t files < <(git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    if [ -f "$file" ]; then printf '%s\0' "$file"; fi
done)

# The files among all that match a pattern.
matching() { printf '%s\n' "${files[@]}" | grep -E "$1" || true; }
# Lines of the given files that match a pattern, as file:line.
lines_with() {
    local pattern=$1
    shift
    [ $# -eq 0 ] || grep -nIE "$pattern" /dev/null "$@" | cut -d: -f1,2 || true
}

# Sizes and things that don't belong.
for file in "${files[@]}"; do
    size=$(stat -c %s "$file" 2>/dev/null || stat -f %z "$file")
    case $file in
        Models/*) [ "$size" -le $((64 << 20)) ] || fault "$file: $size bytes; a model file may have 64 MiB" ;;
        Fixtures/*) [ "$size" -le $((4 << 20)) ] || fault "$file: $size bytes; a fixture may have 4 MiB" ;;
        *) [ "$size" -le $((1 << 20)) ] || fault "$file: $size bytes; outside Models and Fixtures a file may have 1 MiB" ;;
    esac
done
matching '(^|/)(Package\.resolved|\.DS_Store|.*\.(o|a|so|dylib|pyc|swiftmodule|whl))$' | each_is "built or fetched, not to be kept"
matching '(^|/)(\.build|\.native|__pycache__)/' | each_is "built or fetched, not to be kept"
mapfile -t texts < <(matching '\.(swift|cpp|h|py|sh|mk|md|json|ya?ml|txt)$|(^|/)Makefile$')
lines_with '(/ro[o]t/|/wo[r]k/|/home/[a-z]+/|/opt/(swift|wheels)|/Us[e]rs/[a-z])' "${texts[@]}" | each_is "a path of one machine"

# Layers: what must not know libtorch, and the order of targets the rest keep.
mapfile -t above < <(matching '^Sources/Myna(Stages|Audio|Text|Devices|Hub|Engine|Assistant|HomeAssistant|Store|Session|Server|TestSupport)/.*\.swift$')
lines_with '^[a-z@() ]*import +(C?Torch|TorchNN|TorchTrain)\b' "${above[@]}" | each_is "this layer never imports libtorch"
mapfile -t below < <(matching '^Sources/Torch[A-Z]*[a-zA-Z]*/.*\.swift$')
lines_with '^[a-z@() ]*import +Myna' "${below[@]}" | each_is "Torch knows nothing of speech"

# Swift.
mapfile -t swift < <(matching '^(Sources|Tests)/.*\.swift$')
lines_with 'Async(Throwing)?Stream([<][^>]*[>])?(\.makeStream)?\(' "${swift[@]}" | while IFS=: read -r file line; do
    sed -n "$line,$((line + 2))p" "$file" | grep -q bufferingPolicy || printf '%s\n' "$file:$line"
done | each_is "a stream without a bufferingPolicy grows without bound"
lines_with '//.*\b(TO[D]O|FI[X]ME|X[X]X)\b' "${swift[@]}" | each_is "unfinished"
for file in "${swift[@]}"; do
    [[ $file == */Generated/* ]] && continue
    length=$(wc -l <"$file")
    [ "$length" -le 600 ] || fault "$file: $length lines; ask what its second subject is"
done
# What is generated is what the list of operators gives, where libtorch's schema is at hand.
schema=.native/python/torchgen/packaged/ATen/native/native_functions.yaml
if [ -f "$schema" ]; then
    python3 Tools/generate_operators.py --schema "$schema" --check >/dev/null 2>&1 || fault "CTorch's operators are not current; \`make operators\` writes them"
fi
if swift format --version >/dev/null 2>&1; then
    mapfile -t written < <(printf '%s\n' "${swift[@]}" | grep -v /Generated/ || true)
    differing=$(swift format lint --parallel "${written[@]}" 2>&1 | grep -cE 'warning|error' || true)
    [ "$differing" -eq 0 ] || fault "swift format would change $differing lines; \`make format\` does"
fi

[ "$faults" -eq 0 ] || { printf '%s\n' "check: $faults faults" >&2; exit 1; }
printf '%s\n' "check: ${#files[@]} files, no fault ($SECONDS s)"
