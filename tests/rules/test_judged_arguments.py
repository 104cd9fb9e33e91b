"""What is wrong with the arguments of a command that measures is said before its servers are made."""

from pathlib import Path

import pytest

from kbchat.cli import attaching
from kbchat.cli.attaching import attached
from kbchat.cli.judged_arguments import WrongArguments, require_usable


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    (tmp_path / "qrels").mkdir()
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/dev.tsv", "qrels/test.tsv"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    "command", ["evaluate_retrieval", "tune_fusion", "evaluate_answers", "tune_abstention"]
)
def test_what_is_right_passes(judged: Path, command: str) -> None:
    require_usable([command, str(judged)])
    require_usable([command, str(judged), "--split", "dev", "--limit", "3", "--json", "figures.json"])


@pytest.mark.parametrize(
    "command", ["evaluate_retrieval", "tune_fusion", "evaluate_answers", "tune_abstention"]
)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--limit", "0"], "--limit takes a number of questions from 1 on, and not 0"),
        (["--split", "train"], r"no judgements qrels/train.tsv for --split train: there is dev, test\."),
    ],
)
def test_what_is_wrong_is_named(judged: Path, command: str, options: list[str], words: str) -> None:
    with pytest.raises(WrongArguments, match=words):
        require_usable([command, str(judged), *options])


@pytest.mark.parametrize("command", ["evaluate_retrieval", "tune_fusion"])
def test_a_folder_that_is_none_is_named(judged: Path, command: str) -> None:
    with pytest.raises(WrongArguments, match=r"There is no folder .*nowhere\."):
        require_usable([command, str(judged / "nowhere")])
    (judged / "queries.jsonl").unlink()
    with pytest.raises(WrongArguments, match=r"it has no queries.jsonl\."):
        require_usable([command, str(judged)])


def test_a_leg_that_there_is_none_of_is_named(judged: Path) -> None:
    for legs in ("dense,sparse", ","):
        with pytest.raises(WrongArguments, match=f"some of dense,lexical,hybrid, and not '{legs}'"):
            require_usable(["evaluate_retrieval", str(judged), "--legs", legs])


def test_an_option_that_there_is_none_of_ends_it(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        require_usable(["tune_fusion", str(judged), "--legs", "dense"])
    assert "unrecognized arguments: --legs dense" in capsys.readouterr().err


def test_nothing_is_started_for_it(judged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBCHAT_PROCESS", "application")
    for name in ("scratch_environment", "_servers", "migrate_scratch_servers"):
        monkeypatch.setattr(attaching, name, lambda *_: pytest.fail("something was started"))
    with pytest.raises(WrongArguments), attached(["evaluate_retrieval", str(judged), "--limit", "0"]):
        pass
