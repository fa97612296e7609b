#!/usr/bin/env bash
# Builds the reference of the Torch library from its doc comments: `make docs` writes out/docs, one DocC archive a module.
# The symbols are read from the modules that `make build` or `make test` left, with the toolchain's own tools.
set -euo pipefail
cd "$(dirname "$0")/.."

symbols=out/docs/symbols
rm -rf out/docs && mkdir -p "$symbols"
target=$(swift -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p' | head -1)
docc=$(command -v docc || echo "$(dirname "$(readlink -f "$(command -v swift)")")/docc")
[ -x "$docc" ] || { echo "docs: no docc beside swift; a full Swift toolchain has it" >&2; exit 69; }

for module in Torch TorchNN TorchTrain; do
    mkdir -p "$symbols/$module"
    swift symbolgraph-extract -module-name "$module" -target "$target" -I .build/release/Modules -I Sources/CTorch \
        -minimum-access-level public -output-dir "$symbols/$module"
    python3 Tools/undocumented.py "$symbols/$module/$module.symbols.json"
    "$docc" convert --additional-symbol-graph-dir "$symbols/$module" --output-path "out/docs/$module.doccarchive" \
        --fallback-display-name "$module" --fallback-bundle-identifier "myna.$module" --transform-for-static-hosting \
        --hosting-base-path "$module.doccarchive" --diagnostic-level error
done
rm -rf "$symbols"
echo "docs: out/docs; to read it: python3 -m http.server -d out/docs, then /Torch.doccarchive/documentation/torch"
