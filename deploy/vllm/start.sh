#!/bin/sh
# Starts a vLLM server for kbchat: deploy/vllm/start.sh MODEL [ARGUMENT...], with the `vllm` of PATH.
#   VLLM_HOST, VLLM_PORT  where it listens (127.0.0.1, 8001); VLLM_API_KEY  the key that kbchat sends
#   VLLM_NAME             the name under which it serves the model (kbchat)
#   VLLM_DEVICE=cpu       for a machine without a GPU
set -eu
if [ $# -eq 0 ]; then
    echo "usage: $0 MODEL [ARGUMENT...]   (MODEL: a folder, or a name on the hub)" >&2
    exit 2
fi
if ! command -v vllm >/dev/null; then
    echo "vllm is not on PATH. It lives in an environment of its own: see $(dirname "$0")/README.md" >&2
    exit 1
fi
model=$1
shift
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
# Only the calls of allowed_calls.py are answered (vLLM's server in Rust knows no middleware), and no prompt is logged.
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONPATH="$here${PYTHONPATH:+:$PYTHONPATH}" VLLM_USE_RUST_FRONTEND=0 VLLM_DEBUG_LOG_API_SERVER_RESPONSE=0
if [ "${VLLM_DEVICE:-}" = cpu ]; then
    # Threads are not bound to processors that others use; log-probabilities need no compiler.
    export VLLM_CPU_OMP_THREADS_BIND=nobind OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
    export VLLM_ENABLE_V1_MULTIPROCESSING=0 TORCH_COMPILE_DISABLE=1
    # With the default block size of 128 short prompts never hit the prefix cache.
    set -- --dtype float32 --max-num-seqs 16 --block-size 32 --enforce-eager --distributed-executor-backend uni "$@"
fi
if [ -n "${VLLM_API_KEY:-}" ]; then
    export VLLM_API_KEY
fi
exec vllm serve "$model" --host "${VLLM_HOST:-127.0.0.1}" --port "${VLLM_PORT:-8001}" \
    --served-model-name "${VLLM_NAME:-kbchat}" --enable-prefix-caching "$@" \
    --middleware allowed_calls.AllowedCalls --no-enable-log-requests --disable-uvicorn-access-log
