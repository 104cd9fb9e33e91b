"""Places that hold documents, by kind: filled by a test, and opened as a run opens them."""

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from kbchat.sources.kinds import source_at
from kbchat.sources.port import Source, Surroundings
from tests.contracts.s3_server import S3Server
from tests.rules.sources_support import commit, git, repository_at
from tests.rules.test_sources_website import urls
from tests.rules.web_support import Server, reach


class Holder(ABC):
    knows_readers = True

    def __init__(self, kind: str, place: dict[str, str], surroundings: Surroundings) -> None:
        self.kind, self.place, self.surroundings = kind, place, surroundings

    def source(self, **more: int) -> Source:
        return source_at(self.kind, self.place, replace(self.surroundings, **more))  # type: ignore[arg-type]

    @abstractmethod
    def put(self, path: str, content: bytes) -> None: ...

    @abstractmethod
    def remove(self, path: str) -> None: ...

    def item_path(self, path: str) -> str:
        return path


class FolderHolder(Holder):
    def __init__(self, root: Path) -> None:
        super().__init__("folder", {"folder": str(root)}, Surroundings(roots=(root,)))
        self.root = root

    def put(self, path: str, content: bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)

    def remove(self, path: str) -> None:
        (self.root / path).unlink()


class GitHolder(FolderHolder):
    def __init__(self, root: Path) -> None:
        repository = repository_at(root / "repository")
        super().__init__(repository)
        self.kind, self.place = "git", {"url": str(repository)}
        git(repository, "commit", "--quiet", "--allow-empty", "-m", "x")

    def put(self, path: str, content: bytes) -> None:
        super().put(path, content)
        commit(self.root)

    def remove(self, path: str) -> None:
        super().remove(path)
        commit(self.root)


class BucketHolder(Holder):
    def __init__(self, server: S3Server, name: str) -> None:
        super().__init__("bucket", server.place(name, prefix="team"), reach(server.origin))
        server.bucket(name)
        self.server, self.name = server, name

    def put(self, path: str, content: bytes) -> None:
        self.server.put(self.name, f"team/{path}", content)

    def remove(self, path: str) -> None:
        self.server.remove(self.name, f"team/{path}")


class WebsiteHolder(Holder):
    knows_readers = False

    def __init__(self, site: Server) -> None:
        super().__init__("website", {"sitemap": f"{site.origin}/sitemap.xml"}, reach(site.origin))
        self.site = site
        self._map()

    def put(self, path: str, content: bytes) -> None:
        self.site.answers[f"/{quote(path)}"] = (200, {"ETag": f'"{hash(content)}"'}, content)
        self._map()

    def remove(self, path: str) -> None:
        del self.site.answers[f"/{quote(path)}"]
        self._map()

    def item_path(self, path: str) -> str:
        return f"{self.site.origin}/{quote(path)}"

    def _map(self) -> None:
        pages = [path for path in self.site.answers if path != "/sitemap.xml"]
        self.site.answers["/sitemap.xml"] = urls(*((f"{self.site.origin}{path}", "") for path in pages))
