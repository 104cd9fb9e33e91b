"""The embedded servers with an empty database that is migrated: made once in a run of the checks, and copied by each of
its processes. Migrating takes four seconds of a processor, copying a fifth of one.

The command itself makes it; the first start of `tests/workers/test_one_command.py` migrates a folder of its own.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kbchat.embedded.file_lock import held_alone
from kbchat.settings.environment import PROJECT_ROOT

FOLDER = "KBCHAT_TEST_MIGRATED"
"""Names a folder that all processes of a run share; without it nothing is copied."""
_MIGRATING_SECONDS = 240.0


def lay_migrated_servers(data_dir: Path) -> None:
    """Into an empty data folder of whoever runs the tests; whoever starts its servers then migrates what is missing."""
    shared = os.environ.get(FOLDER)
    if not shared:
        return
    made = Path(shared) / "data"
    lock = Path(shared) / "lock"
    lock.touch()
    with held_alone(lock, wait_seconds=_MIGRATING_SECONDS, busy="the first database is not migrated"):
        if not made.exists():
            _migrate(made)
    # With owners and modes: the servers of root belong to somebody else.
    subprocess.run(["cp", "-a", str(made / "embedded"), str(data_dir)], check=True)


def _migrate(data_dir: Path) -> None:
    unfinished = data_dir.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    environment = {"PATH": os.defpath, "HOME": str(unfinished), "KBCHAT_DATA_DIR": str(unfinished)}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=PROJECT_ROOT,
        env=environment,
        timeout=_MIGRATING_SECONDS,
        check=True,
    )
    unfinished.rename(data_dir)
