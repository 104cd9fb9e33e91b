"""One vLLM for all tests of this folder, which `make test-vllm` alone runs: `make proofs` leaves them out."""

import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REQUIRE_ALL
from tests.vllm.server import ENVIRONMENT, VllmServer, by_vllms_python, is_installed


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not is_installed():
        reason = f"there is no vLLM in {ENVIRONMENT}; `make test-vllm` installs one"
        if REQUIRE_ALL:
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("model")
    by_vllms_python("tiny_model.py", folder)
    return folder


@pytest.fixture(scope="session")
def vllm(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    with VllmServer(tiny_model, tmp_path_factory.mktemp("server")) as running:
        yield running
    _closings.extend(running.closings)


_closings: list[float] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figure of docs/measurements.md."""
    if _closings:
        terminalreporter.write_line(
            f"{len(_closings)} requests closed while vLLM wrote: none ran {max(_closings):.3f} s later,"
            f" in the middle {statistics.median(_closings):.3f} s"
        )
