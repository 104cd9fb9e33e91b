#!/bin/sh
# Installs a vLLM for CPUs, for tests, into an environment of its own: deploy/vllm/install_cpu.sh FOLDER
# (434 MB to download, 2 GB on disk; nothing is done where the folder has what the pins name).
set -eu
if [ $# -ne 1 ]; then
    echo "usage: $0 FOLDER" >&2
    exit 2
fi
here=$(dirname "$0")
pins="$here/requirements-cpu.txt"
if cmp -s "$pins" "$1/installed.txt"; then
    exit 0
fi
"${PYTHON:-python3}" -m venv "$1"
# The list is whole: what pip would add to it are CUDA builds.
"$1/bin/pip" install --quiet --no-deps -r "$pins"
"$1/bin/pip" install --quiet --no-deps "$here/stub"
cp "$pins" "$1/installed.txt"
