"""A Git repository: the files of a branch's newest commit, without their history.

Nothing is ever checked out, so no hook, filter or submodule runs and no link is followed. What was fetched stands in a
folder of its own and goes with the run. Programs that Git starts are told where nothing may be asked, which ways there
are, and the IP that was looked at (T54).
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, ClassVar, Final, Self

from kbchat.core.errors import Invalid, Unavailable
from kbchat.sources.addresses import Target, allowed_target, connectable
from kbchat.sources.beneath import allowed_folder
from kbchat.sources.choosing import may_be_document
from kbchat.sources.copying import copy_bounded
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings

_URL: Final = "url"
_BRANCH: Final = "branch"
_FOLDER: Final = "folder"
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_BRANCH_NAME: Final = re.compile(r"[\w][\w./-]{0,200}")
_FETCHED: Final = "refs/kbchat/fetched"
_PLAIN_FILES: Final = {b"100644", b"100755"}
_ASKING: Final = {"ls-remote", "fetch"}
_FETCH_SECONDS: Final = 1800
_QUICK_SECONDS: Final = 120
_LARGEST_PACK_BYTES: Final = 4 * 1024**3
_BLOCK_BYTES: Final = 512
# Under a limit on the size of files: what a repository becomes when it is unpacked is not known before.
_BOUNDED: Final = ("sh", "-c", 'ulimit -f "$0" && exec git "$@"', str(_LARGEST_PACK_BYTES // _BLOCK_BYTES))


class GitSource:
    """`url`: an https address on the allow-list, or a folder below the roots."""

    mirrors: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, bool]] = {_URL: True, _BRANCH: False, _FOLDER: False}

    def __init__(
        self, where: Target | Path, branch: str, folder: PurePosixPath, surroundings: Surroundings
    ) -> None:
        self._where = where
        self._branch = branch
        self._folder = folder
        self._surroundings = surroundings
        self._store: Path | None = None

    @classmethod
    def at(cls, place: Place, surroundings: Surroundings) -> Self:
        url, branch, folder = place[_URL], place.get(_BRANCH, ""), PurePosixPath(place.get(_FOLDER, ""))
        if branch and not (_BRANCH_NAME.fullmatch(branch) and ".." not in branch):
            raise Invalid("source_place_incomplete")
        if folder.is_absolute() or ".." in folder.parts:
            raise Invalid("source_place_incomplete")
        # Everything else that Git could take for an address (ext::, ssh, file:) is a folder that is none.
        if _ADDRESS.match(url):
            return cls(allowed_target(url, surroundings), branch, folder, surroundings)
        return cls(allowed_folder(url, surroundings.roots).path, branch, folder, surroundings)

    def listing(self, known_revision: str) -> Listing | None:
        store = self._store = Path(tempfile.mkdtemp(prefix="kbchat-git-"))
        self._git("init", "--quiet", "--bare", str(store))
        wanted = f"refs/heads/{self._branch}" if self._branch else "HEAD"
        told = self._git("ls-remote", "--quiet", self._address, wanted).split()
        if not told:
            raise Invalid("source_branch_missing")
        revision = told[0].decode()
        if revision == known_revision:
            return None
        self._git(
            *(
                "fetch",
                "--quiet",
                "--depth=1",
                "--no-tags",
                "--no-recurse-submodules",
                "--no-write-fetch-head",
            ),
            *(self._address, f"+{wanted}:{_FETCHED}"),
            seconds=_FETCH_SECONDS,
        )
        return self._listed(self._git("ls-tree", "-r", "-z", "--full-tree", _FETCHED))

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        if self._store is None:
            raise Unavailable("source_unreachable")
        name = PurePosixPath(item.path).name
        command = self._command("cat-file", "blob", item.mark)
        with subprocess.Popen(
            command, env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
            try:
                copy_bounded(
                    process.stdout.read, into, filename=name, most_bytes=self._surroundings.most_bytes
                )
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            raise Unavailable("source_file_unreadable")
        return Fetched(name)

    def close(self) -> None:
        if self._store is not None:
            shutil.rmtree(self._store, ignore_errors=True)

    def _listed(self, tree: bytes) -> Listing:
        items, passed_over = [], 0
        for entry in tree.split(b"\0")[:-1]:
            about, _, name = entry.partition(b"\t")
            mode, _, blob = about.split(b" ")
            # A name is bytes to Git: those that are no text are written out.
            path = name.decode(errors="backslashreplace")
            if self._folder.parts and not PurePosixPath(path).is_relative_to(self._folder):
                continue
            is_hidden = any(part.startswith(".") for part in PurePosixPath(path).parts)
            if mode not in _PLAIN_FILES or is_hidden or not may_be_document(path):
                passed_over += 1
            else:
                items.append(Item(path, blob.decode()))
        revision = self._git("rev-parse", _FETCHED).decode().strip()
        return Listing(items, passed_over, revision=revision)

    @property
    def _address(self) -> str:
        if isinstance(self._where, Path):
            return str(self._where)
        return f"{self._where.origin}{self._where.path}"

    def _git(self, *arguments: str, seconds: float = _QUICK_SECONDS) -> bytes:
        try:
            done = subprocess.run(
                self._command(*arguments),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=True,
                timeout=seconds,
            )
        except FileNotFoundError as error:
            raise Unavailable("source_git_missing") from error
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable("source_unreachable") from error
        return done.stdout

    def _command(self, *arguments: str) -> Sequence[str]:
        asks = arguments[0] in _ASKING
        return (*_BOUNDED, "--git-dir", str(self._store), *self._settings(asks=asks), *arguments)

    def _settings(self, *, asks: bool) -> Sequence[str]:
        """Nothing of this machine's or of its users' settings is read; see `_environment`."""
        settings = {
            "core.hooksPath": os.devnull,
            "core.askPass": "",
            "credential.helper": "",
            "protocol.allow": "never",
            "fetch.fsckObjects": "true",
            "gc.auto": "0",
            "http.followRedirects": "false",
            "http.proxy": "",
            "http.lowSpeedLimit": "1000",
            "http.lowSpeedTime": "60",
        }
        if isinstance(self._where, Path):
            settings["protocol.file.allow"] = "always"
        elif asks:
            target = self._where
            settings[f"protocol.{target.scheme}.allow"] = "always"
            ip = connectable(target, self._surroundings)
            settings["http.curloptResolve"] = f"{target.host}:{target.port}:{f'[{ip}]' if ':' in ip else ip}"
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]

    def _environment(self) -> Mapping[str, str]:
        """No secret of this process, and nobody to ask."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.devnull,
            "LC_ALL": "C.UTF-8",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
