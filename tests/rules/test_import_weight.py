"""Naming a model costs nothing: what only speaks of models must not load one."""

import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_MODEL_LIBRARIES = ("torch", "sentence_transformers", "transformers", "openai", "tokenizers")


def loaded_by(module: str, *libraries: str) -> list[str]:
    script = f"import sys, {module}\nprint(*(name for name in {libraries!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=_ROOT
    )
    return done.stdout.split()


@pytest.mark.parametrize("module", ["kbchat.inference.ports", "kbchat.inference.scripted", "kbchat.analysis"])
def test_ports_fakes_and_analysis_load_no_model_library(module: str) -> None:
    assert loaded_by(module, *_MODEL_LIBRARIES) == []


def test_analysis_loads_its_dictionaries_at_first_use() -> None:
    assert loaded_by("kbchat.analysis", "rjieba", "snowballstemmer", "opencc", "numpy", "django") == []


@pytest.mark.parametrize(
    "adapter", ["sentence_transformers_embedder", "served_embedder", "openai_language_model"]
)
def test_adapters_load_no_torch_before_they_are_used(adapter: str) -> None:
    module = f"kbchat.inference.{adapter}"
    assert loaded_by(module, "torch", "sentence_transformers", "transformers", "django") == []
