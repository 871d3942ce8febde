#!/usr/bin/env bash
# Regenerates every fixture of test/parity from the PyTorch stack named in requirements.txt.
#   scripts/golden/make-all.sh path/to/venv/bin/python [--check | --only PREFIX]
# --check makes them twice in temporary folders and compares: with each other, and with what is committed.
# --only makes the models whose names begin so, with their gradients, texts and training cases, and leaves the others as they are:
# another processor rounds the last bits of theirs otherwise.
set -euo pipefail

python=${1:?usage: make-all.sh path/to/python [--check | --only PREFIX]}
here=$(cd "$(dirname "$0")" && pwd)
fixtures=$here/../../test/parity/fixtures
export OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1 PYTHONDONTWRITEBYTECODE=1

scripts="tiny_models gradients training full_training saved_modules evaluation optimizer packing generation tokenizer_cases adapter_selection config_cases tool_values"

make_into() {
  mkdir -p "$1"
  for script in $scripts; do
    echo "== $script"
    GOLDEN_OUT=$1 "$python" -W ignore "$here/$script.py" 2> >(grep -v 'it/s\]\|^$' >&2)
  done
}

if [ "${2:-}" = --check ]; then
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  make_into "$scratch/one"
  make_into "$scratch/two"
  diff -r "$scratch/one" "$scratch/two" && echo "two runs are equal"
  diff -r "$scratch/one" "$fixtures" && echo "committed fixtures are equal"
elif [ "${2:-}" = --only ]; then
  export GOLDEN_ONLY=${3:?usage: make-all.sh path/to/python --only PREFIX}
  scripts="tiny_models gradients training full_training generation"
  make_into "$fixtures"
else
  rm -rf "$fixtures"
  make_into "$fixtures"
  du -sh "$fixtures"
fi
