"""A ZIP as the files in it: whose rights count, which names they get, and what is refused."""

import io
import re
import stat
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings

from kbchat.access.viewing import viewing
from kbchat.cli.importing import send_files
from kbchat.core.errors import Invalid, NotAllowed, NotFound
from kbchat.documents.models import Document
from kbchat.library.archives import ArchiveLimits, unpacked
from kbchat.library.documents import list_documents
from kbchat.library.uploading import Upload, take_in
from kbchat.sentences import knows
from kbchat.sources.folder_files import files_of
from tests.company import ARCHIVES, MAX_BYTES, Company, found_company, ingest
from tests.rules.workbook_support import rows_xml, workbook, zipped

pytestmark = pytest.mark.django_db

PAGE = b"# Leave\n\nEverybody has 28 days.\n"
ODD_NAMES = [
    "../../etc/passwd.md", "/etc/absolute.md", "C:\\Windows\\system.md", "..\\..\\up.md", "a/../../b/climb.md",
    "./././dot.md", "line\nend.md", "re\rturn.md", "nul\0cut.md", "right\u202eto left.md", "zero\u200bwidth.md",
    "tab\tbed.md", "//double//slash.md", "~/home.md", "$HOME/x.md", "`id`.md", "a;rm -rf.md", "%2e%2e%2fescaped.md",
    "x" * 400 + ".md", "con/aux/nul.md",
]  # fmt: skip


@pytest.fixture
def company() -> Company:
    return found_company()


def archive(data: bytes, name: str = "manual.zip") -> Upload:
    return Upload(name, io.BytesIO(data))


def told(data: bytes, limits: ArchiveLimits = ARCHIVES) -> dict[str, str]:
    """By path: what is to be taken in, or the code of the reason why not."""
    members = unpacked(archive(data), limits=limits)
    return {path: member.code if isinstance(member, Invalid) else "taken" for path, member in members}


def refusal(data: bytes, limits: ArchiveLimits = ARCHIVES) -> str:
    with pytest.raises(Invalid) as error:
        told(data, limits)
    assert knows(error.value.code)
    return error.value.code


def imported(company: Company, folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """States by source path, and codes of what was refused."""
    sent = send_files(
        company.admin, company.handbook.id, files_of(folder).files, archives=ARCHIVES, step=lambda: None
    )
    ingest()
    states = {row.id: row.state for row in list_documents(company.admin, company.handbook.id)}
    refused = {path: error.code for path, error in sent.refused.items()}
    return {path: states[document] for document, path in sent.paths.items()}, refused


class TestDocuments:
    def test_each_file_is_a_document_under_its_path(self, company: Company, tmp_path: Path) -> None:
        sheet = workbook({"Leave": rows_xml("Grade|Days", "A|15")})
        members = {
            "rules/leave.md": PAGE,
            "rules/days.xlsx": sheet,
            "empty/": b"",
            "broken.pdf": b"%PDF-1.7\nx",
        }
        (tmp_path / "manual.zip").write_bytes(zipped(members))
        states, refused = imported(company, tmp_path)
        assert states == {
            "manual.zip/rules/leave.md": "ready",
            "manual.zip/rules/days.xlsx": "ready",
            "manual.zip/broken.pdf": "failed",
        }
        assert refused == {}

    def test_again_it_changes_what_changed(self, company: Company, tmp_path: Path) -> None:
        for text in (PAGE, PAGE, b"# Leave\n\n30 days.\n"):
            (tmp_path / "manual.zip").write_bytes(zipped({"leave.md": text, "other.md": b"# Other\n\nText."}))
            imported(company, tmp_path)
        with viewing(company.admin):
            assert sorted(document.versions.count() for document in Document.objects.all()) == [1, 2]

    def test_whose_rights_count(self, company: Company) -> None:
        data = zipped({"leave.md": PAGE})
        for viewer, error in ((company.reader, NotAllowed), (company.stranger, NotFound)):
            for _, member in unpacked(archive(data), limits=ARCHIVES):
                assert isinstance(member, Upload)
                with pytest.raises(error):
                    take_in(viewer, company.handbook.id, member, max_bytes=MAX_BYTES)

    def test_an_archive_is_no_document(self, company: Company) -> None:
        with pytest.raises(Invalid) as error:
            take_in(company.admin, company.handbook.id, archive(zipped({"a.md": PAGE})), max_bytes=MAX_BYTES)
        assert error.value.code == "archive"


class TestNames:
    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_names_in_the_encoding_of_the_machine_that_made_it(self, encoding: str) -> None:
        """Windows in Chinese writes names in GBK and says nothing of it."""
        names = ["人事/员工请假制度.md", "人事/差旅报销办法.md"]
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for name in names:
                made.writestr(_Unsaid(name, encoding), PAGE)
        assert told(file.getvalue()) == dict.fromkeys(names, "taken")

    @pytest.mark.parametrize(
        ("name", "encoding"),
        [
            ("年假.md", "gb18030"),
            ("朱镕基讲话.md", "gb18030"),
            ("HR规定.md", "gb18030"),
            ("員工手冊.md", "cp950"),
            ("就業規則.md", "cp932"),
            ("プライバシーポリシー.md", "cp932"),
            ("매뉴얼.md", "cp949"),
            ("Bücher.md", "cp437"),
            ("Verträge und Gehälter.md", "cp850"),
            ("Größe.md", "cp850"),
            ("Congés payés.md", "cp850"),
            ("Übersicht.md", "cp850"),
            ("ÜBERSICHT.md", "cp850"),
            ("München.md", "cp1252"),
            ("Směrnice.md", "cp852"),
            ("Отпуск.md", "cp866"),
            ("Ablauf – kurz.md", "utf-8"),
        ],
    )
    def test_one_short_name_is_enough(self, name: str, encoding: str) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            made.writestr(_Unsaid(name, encoding), PAGE)
        assert told(file.getvalue()) == {name: "taken"}

    def test_each_file_keeps_its_own_name(self) -> None:
        """Also beside one whose name looks like two."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for number, name in enumerate(["a.md", "line\nend.md", "b.md"]):
                made.writestr(_Unsaid(name, "cp437"), PAGE + str(number).encode())
            made.writestr(_Unsaid("年假.md", "gb18030"), PAGE + b"3")
        members = dict(unpacked(archive(file.getvalue()), limits=ARCHIVES))
        numbers = {}
        for path, member in members.items():
            assert isinstance(member, Upload)
            member.file.seek(len(PAGE))
            numbers[path] = member.file.read()
        assert numbers == {"a.md": b"0", "line end.md": b"1", "b.md": b"2", "年假.md": b"3"}

    def test_no_name_is_a_path(self, company: Company, tmp_path: Path) -> None:
        """T51."""
        assert len(ODD_NAMES) == 20
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            for number, name in enumerate(ODD_NAMES):
                made.writestr(zipfile.ZipInfo(name), PAGE + str(number).encode())
        (tmp_path / "odd.zip").write_bytes(file.getvalue())
        before = set(Path("/etc").iterdir())
        states, refused = imported(company, tmp_path)
        assert (len(states), refused) == (20, {})
        assert set(Path("/etc").iterdir()) == before
        assert [path.name for path in tmp_path.iterdir()] == ["odd.zip"]
        stored = [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
        assert all(len(path.name) == 64 and path.name.isalnum() for path in stored)
        for path in states:
            parts = path.split("/")
            assert not {"", ".", ".."} & set(parts), path
            assert path.isprintable(), path
        sent = {
            sha256(PAGE + str(number).encode()).hexdigest(): name for number, name in enumerate(ODD_NAMES)
        }
        with viewing(company.admin):
            for document in Document.objects.all():
                version = document.versions.get()
                assert words_of(document.source_path) == words_of(sent[version.blob])
                filename = version.filename
                assert "/" not in filename
                assert "\\" not in filename
                assert filename.isprintable()
                assert len(filename) <= 300


class TestPassedOver:
    def test_what_is_no_document_is_told(self) -> None:
        picture = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
        members = {
            "a.md": PAGE, "logo.png": picture, "tool.py": b"import os\n", ".hidden": b"x",
            "__MACOSX/._a.md": b"x", "__MACOSX/b/._c": b"x", "site/node_modules/x.md": PAGE,
        }  # fmt: skip
        assert told(zipped(members)) == {
            "a.md": "taken",
            "logo.png": "picture_among_others",
            "tool.py": "not_a_document",
            ".hidden": "hidden_file",
            "__MACOSX/": "machinery",
            "site/node_modules/": "machinery",
        }

    def test_links_secrets_odd_packings_and_doubles(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            link = zipfile.ZipInfo("link.md")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            made.writestr(link, "/etc/passwd")
            made.writestr("packed.md", PAGE * 100, zipfile.ZIP_LZMA)
            made.writestr("same.md", PAGE)
            made.writestr("./same.md", PAGE)
            secret = zipfile.ZipInfo("secret.md")
            made.writestr(secret, PAGE)
            secret.flag_bits |= 1
        assert told(file.getvalue()) == {
            "link.md": "is_a_link",
            "packed.md": "packed_otherwise",
            "same.md": "same_name",
            "secret.md": "password_protected",
        }

    def test_a_path_that_no_index_holds_does_not_stop_the_others(
        self, company: Company, tmp_path: Path
    ) -> None:
        """Few enough characters, but too many bytes."""
        far = "/".join(["".join(chr(0x4E00 + 83 * place + at) for at in range(80)) for place in range(11)])
        (tmp_path / "manual.zip").write_bytes(zipped({f"{far}/a.md": PAGE, "b.md": PAGE}))
        states, refused = imported(company, tmp_path)
        assert states == {"manual.zip/b.md": "ready"}
        assert refused == {f"manual.zip/{far}/a.md": "path_too_many_bytes"}

    def test_one_damaged_file_does_not_stop_the_others(self) -> None:
        data = bytearray(zipped({"bad.md": PAGE * 50, "good.md": PAGE}))
        at = data.index(b"bad.md") + 8
        data[at : at + 10] = b"\xff" * 10
        assert told(bytes(data)) == {"bad.md": "corrupt", "good.md": "taken"}


class TestBombs:
    def test_an_archive_in_an_archive_is_not_opened(self, company: Company, tmp_path: Path) -> None:
        (tmp_path / "outer.zip").write_bytes(zipped({"a.md": PAGE, "inner.zip": zipped({"b.md": PAGE})}))
        states, refused = imported(company, tmp_path)
        assert (list(states), refused) == (["outer.zip/a.md"], {"outer.zip/inner.zip": "archive"})

    def test_what_becomes_too_much(self) -> None:
        assert refusal(zipped({"a.txt": bytes(20 << 20)})) == "too_large_unpacked"
        assert refusal(zipped({f"{n}.txt": b"" for n in range(51)})) == "too_many_files_in_archive"
        small = replace(ARCHIVES, most_bytes=100)
        assert refusal(zipped({"a.md": PAGE * 9}), small) == "too_large_unpacked"
        assert told(zipped({"a.md": PAGE * 9}), replace(ARCHIVES, max_bytes=100)) == {"a.md": "too_large"}

    def test_files_that_share_their_bytes(self) -> None:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            made.writestr("a.md", PAGE * 20)
            first = made.filelist[0]
            for number in range(20):
                made.filelist.append(_at_the_place_of(first, f"{number}.md"))
        assert refusal(file.getvalue()) == "too_large_unpacked"

    def test_a_file_that_is_larger_than_it_says(self) -> None:
        data = bytearray(zipped({"a.txt": b"x" * 100_000}))
        at = data.index(b"PK\x01\x02") + 24
        data[at : at + 4] = (100).to_bytes(4, "little")
        assert told(bytes(data)) == {"a.txt": "corrupt"}

    @pytest.mark.parametrize("data", [b"\x1f\x8b\x08" + bytes(range(200)), b"PK\x05\x06" + bytes(5)])
    def test_what_is_no_zip(self, data: bytes) -> None:
        assert refusal(data) in ("archive", "corrupt")

    def test_members_behind_another_beginning_are_not_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where it begins as a ZIP they were counted; here a million would be read before it is refused."""
        hidden = b"\x1f\x8b\x08" + bytes(4096) + zipped({"a.md": PAGE})
        assert zipfile.is_zipfile(io.BytesIO(hidden))
        monkeypatch.setattr(zipfile, "ZipFile", None)
        assert refusal(hidden) == "archive"


def _at_the_place_of(member: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    copy = zipfile.ZipInfo(name)
    for field in ("header_offset", "CRC", "compress_size", "file_size", "compress_type"):
        setattr(copy, field, getattr(member, field))
    return copy


def words_of(name: str) -> str:
    """What a name says, however it is written: its last part's letters, up to what ends it for a program in C."""
    return re.sub("[^a-z]", "", re.split(r"[/\\\\]", name.partition("\0")[0])[-1])


class _Unsaid(zipfile.ZipInfo):
    """A member whose name is in some encoding, which the archive does not tell."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name)
        self._raw = name.encode(encoding)

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  (as zipfile calls it)
        return self._raw, 0
