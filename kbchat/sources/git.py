"""A Git repository: the files of a branch's newest commit, without their history.

Nothing is ever checked out, so no hook, filter or submodule runs and no link is followed. What was fetched stands in a
folder of its own and goes with the run. Programs that Git starts are told where nothing may be asked, which ways there
are, and the IP that was looked at (T54).
"""

import io
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, ClassVar, Final, Self

from kbchat.core.deadline import Deadline
from kbchat.core.errors import Invalid, KbchatError, Unavailable
from kbchat.sources.access_file import ACCESS_FILE, MOST_ACCESS_BYTES, Permissions, permissions_in
from kbchat.sources.addresses import Target, allowed_target, connectable
from kbchat.sources.beneath import allowed_folder
from kbchat.sources.choosing import is_passed_over, is_picture
from kbchat.sources.copying import copy_bounded
from kbchat.sources.port import Fetched, Item, Listing, Place, Surroundings
from kbchat.sources.refusing import too_many_items
from kbchat.sources.run_folder import RunFolder

_URL: Final = "url"
_BRANCH: Final = "branch"
_FOLDER: Final = "folder"
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
_BRANCH_NAME: Final = re.compile(r"[\w][\w./-]{0,200}")
_FETCHED: Final = "refs/kbchat/fetched"
_PLAIN_FILES: Final = {b"100644", b"100755"}
_ASKING: Final = {"ls-remote", "fetch"}
_FETCH_SECONDS: Final = 1800
_LOOK_SECONDS: Final = 1.0
_QUICK_SECONDS: Final = 120
_READ_SECONDS: Final = 300
_PIECE_BYTES: Final = 1024 * 1024
_LARGEST_PACK_BYTES: Final = 4 * 1024**3
_BLOCK_BYTES: Final = 512
_COMPLAINTS: Final = (
    ((b"could not read Username", b"Authentication failed", b"error: 403"), Invalid("source_wants_sign_in")),
    ((b"dubious ownership",), Invalid("source_repository_of_another")),
    ((b"does not appear to be a git repository", b"not found"), Invalid("source_repository_missing")),
    ((b"certificate",), Unavailable("source_certificate_refused")),
)
# Under a limit on the size of files: what a repository becomes when it is unpacked is not known before.
_BOUNDED: Final = ("sh", "-c", 'ulimit -f "$0" && exec git "$@"', str(_LARGEST_PACK_BYTES // _BLOCK_BYTES))


class GitSource:
    """`url`: an https address on the allow-list, or a folder below the roots."""

    mirrors: ClassVar[bool] = True
    knows_readers: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, bool]] = {_URL: True, _BRANCH: False, _FOLDER: False}
    secrets: ClassVar[frozenset[str]] = frozenset()

    def __init__(
        self, where: Target | Path, branch: str, folder: PurePosixPath, surroundings: Surroundings
    ) -> None:
        self._where = where
        self._branch = branch
        self._folder = folder
        self._surroundings = surroundings
        self._store: RunFolder | None = None

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
        if self._newest(_QUICK_SECONDS) == known_revision:
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
            *(self._address, f"+{self._wanted}:{_FETCHED}"),
            seconds=_FETCH_SECONDS,
        )
        return self._listed()

    def glimpse(self, seconds: float) -> bool | None:
        """What stands in its newest commit is not told before that is fetched."""
        self._newest(seconds)
        return None

    def fetch(self, item: Item, validator: str, into: IO[bytes]) -> Fetched | None:
        name = PurePosixPath(item.path).name
        with self._read("cat-file", "blob", item.mark, otherwise="source_file_unreadable") as blob:
            copy_bounded(blob.read, into, filename=name, most_bytes=self._surroundings.most_bytes)
        return Fetched(name)

    def permissions(self) -> Permissions:
        """Of the commit that was listed; its paths begin at the repository's root."""
        content = io.BytesIO()
        blob = f"{_FETCHED}:{ACCESS_FILE}"
        with self._read("cat-file", "blob", blob, otherwise="source_access_missing") as file:
            copy_bounded(file.read, content, filename=ACCESS_FILE, most_bytes=MOST_ACCESS_BYTES)
        return permissions_in(content.getvalue())

    def close(self) -> None:
        if self._store is not None:
            self._store.close()

    @property
    def _wanted(self) -> str:
        return f"refs/heads/{self._branch}" if self._branch else "HEAD"

    def _newest(self, seconds: float) -> str:
        """The commit that the branch is at."""
        self.close()
        self._store = RunFolder()
        self._git("init", "--quiet", "--bare", str(self._store.path))
        told = self._git("ls-remote", "--quiet", self._address, self._wanted, seconds=seconds).split()
        if not told:
            raise Invalid("source_branch_missing")
        return told[0].decode()

    def _listed(self) -> Listing:
        items: list[Item] = []
        passed_over, most = 0, self._surroundings.most_items
        within = ("--", str(self._folder)) if self._folder.parts else ()
        command = ("ls-tree", "-r", "-z", "--full-tree", _FETCHED, *within)
        with self._read(*command, otherwise="source_unreachable") as tree:
            for entry in _entries(tree):
                about, _, name = entry.partition(b"\t")
                mode, _, blob = about.split(b" ")
                # A name is bytes to Git: those that are no text are written out.
                path = name.decode(errors="backslashreplace")
                if mode not in _PLAIN_FILES or self._is_passed_over(path):
                    passed_over += 1
                elif len(items) == most:
                    raise too_many_items(most)
                else:
                    items.append(Item(path, blob.decode(), is_picture(path)))
        revision = self._git("rev-parse", _FETCHED).decode().strip()
        return Listing(items, passed_over, revision=revision)

    def _is_passed_over(self, path: str) -> bool:
        """By its name, and by those of the folders below the one that was chosen."""
        *folders, name = PurePosixPath(path).parts
        return is_passed_over(folders[len(self._folder.parts) :], name)

    @contextmanager
    def _read(self, *arguments: str, otherwise: str) -> Iterator[IO[bytes]]:
        """What it says, while it says it: how much that is, whoever made the repository decides. Raises Unavailable in
        the end where it has failed, or took too long, with the code `otherwise`."""
        with subprocess.Popen(
            self._command(*arguments),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as process:
            assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
            ending = threading.Timer(_READ_SECONDS, process.kill)
            ending.daemon = True
            ending.start()
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
            finally:
                ending.cancel()
        if process.returncode:
            raise Unavailable(otherwise)

    @property
    def _address(self) -> str:
        if isinstance(self._where, Path):
            return str(self._where)
        return f"{self._where.origin}{self._where.path}"

    def _git(self, *arguments: str, seconds: float = _QUICK_SECONDS) -> bytes:
        try:
            with subprocess.Popen(
                self._command(*arguments),
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as process:
                try:
                    told, complaint = self._said(process, Deadline.after(seconds))
                except BaseException:
                    # With the programs that Git has started, which hold the connection.
                    os.killpg(process.pid, signal.SIGKILL)
                    raise
        except FileNotFoundError as error:
            raise Unavailable("source_git_missing") from error
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable("source_unreachable") from error
        if process.returncode:
            raise _refusal(complaint)
        return told

    def _said(self, process: "subprocess.Popen[bytes]", deadline: Deadline) -> tuple[bytes, bytes]:
        """Raises TimeoutExpired where it takes longer, or nobody waits for it any more."""
        while True:
            try:
                return process.communicate(timeout=min(_LOOK_SECONDS, max(deadline.remaining_seconds, 0)))
            except subprocess.TimeoutExpired:
                if deadline.has_passed or self._surroundings.is_over():
                    raise

    def _command(self, *arguments: str) -> Sequence[str]:
        if self._store is None:
            # Nothing was listed yet.
            raise Unavailable("source_unreachable")
        asks = arguments[0] in _ASKING
        return (*_BOUNDED, "--git-dir", str(self._store.path), *self._settings(asks=asks), *arguments)

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
            "GIT_LITERAL_PATHSPECS": "1",
        }


def _refusal(complaint: bytes) -> KbchatError:
    """What Git means that has failed; in English, which the environment asks for."""
    known = (error for words, error in _COMPLAINTS if any(each in complaint for each in words))
    error = next(known, Unavailable("source_unreachable"))
    return type(error)(error.code)


def _entries(tree: IO[bytes]) -> Iterator[bytes]:
    """Raises Invalid for one of which there is no end."""
    rest = b""
    while piece := tree.read(_PIECE_BYTES):
        *entries, rest = (rest + piece).split(b"\0")
        if len(rest) > _PIECE_BYTES:
            raise Invalid("path_too_long", most=_PIECE_BYTES)
        yield from entries
