#!/usr/bin/env bash
# Writes every parity fixture anew: `make parity`. The reference classes go into .native/parity unless PYTHON has them.
set -euo pipefail
cd "$(dirname "$0")/../.."

requirements=(torch==2.13.0 transformers==5.23.0 tokenizers==0.23.3 sentencepiece==0.2.3 peft==0.21.2 safetensors numpy)
python=${PYTHON:-.native/parity/bin/python}
if ! [ -x "$(command -v "$python")" ]; then
    printf '%s\n' "parity: installing the reference classes into .native/parity (some minutes)"
    python3 -m venv .native/parity.part
    .native/parity.part/bin/python -m pip install --quiet --no-input --disable-pip-version-check "${requirements[@]}"
    mv .native/parity.part .native/parity  # its python finds its packages from where it lies
fi
for script in Tools/parity/*.py; do
    printf '%s\n' "parity: $script"
    "$python" "$script"
done
git status --short Fixtures
