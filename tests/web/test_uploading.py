"""Files sent to the API: what is taken, what is refused and how it is told."""

import pytest

from kbchat.library.documents import DocumentRow
from tests.company import PAGE, ingest
from tests.rules.workbook_support import zipped
from tests.web.conftest import Company, SignIn, file

pytestmark = pytest.mark.django_db


def test_files_are_taken_one_by_one_and_each_refusal_is_told(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    reply = client.post(
        f"/api/v1/collections/{company.collection_id}/documents",
        {"files": [file("a.md"), file("empty.md", b""), file("b.exe", b"MZ\x00\x01\x02" * 50), file("c.md")]},
        headers={"accept-language": "zh-hans"},
    )
    assert reply.status_code == 207
    assert [row["filename"] for row in reply.json()["documents"]] == ["a.md", "c.md"]
    refused = reply.json()["refused"]
    assert [(row["filename"], row["code"]) for row in refused] == [
        ("empty.md", "empty_file"),
        ("b.exe", "unsupported_type"),
    ]
    assert refused[0]["message"] == "文件是空的。"


@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("en", "The file does not look like a PDF file, although its name says so."),
        ("zh-hans", "文件名表明这是 PDF 文件，但内容并非如此。"),
    ],
)
def test_a_pdf_by_name_alone_is_refused_as_such(
    company: Company, signed_in: SignIn, language: str, message: str
) -> None:
    reply = signed_in(company.owner).post(
        f"/api/v1/collections/{company.collection_id}/documents",
        {"files": file("plan.pdf", bytes(range(256)) * 20)},
        headers={"accept-language": language},
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "not_as_named")
    assert reply.json()["message"] == message
    assert reply.json()["next_step"]


def test_one_good_file_is_201_and_one_bad_one_is_its_problem(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    address = f"/api/v1/collections/{company.collection_id}/documents"
    good = client.post(address, {"files": file("政策.md"), "effective_from": "2025-01-01"})
    assert good.status_code == 201
    assert [(row["filename"], row["effective_from"], row["state"]) for row in good.json()] == [
        ("政策.md", "2025-01-01", "queued")
    ]
    bad = client.post(address, {"files": file(), "effective_from": "2025-01-02", "expires_on": "2025-01-01"})
    assert (bad.status_code, bad.json()["code"]) == (400, "expires_before_effective")


def test_a_zip_is_the_files_in_it(company: Company, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    address = f"/api/v1/collections/{company.collection_id}/documents"
    whole = client.post(
        address, {"files": file("规章.zip", zipped({"人事/年假.md": PAGE, "b.md": "# B\n\nText."}))}
    )
    assert whole.status_code == 201
    assert [(row["filename"], row["state"]) for row in whole.json()] == [
        ("年假.md", "queued"),
        ("b.md", "queued"),
    ]
    inner = zipped({"c.md": PAGE})
    part = client.post(
        address, {"files": file("part.zip", zipped({"c.md": "# C\n\nText.", "in/inner.zip": inner}))}
    )
    assert part.status_code == 207
    assert [row["filename"] for row in part.json()["documents"]] == ["c.md"]
    [refused] = part.json()["refused"]
    assert (refused["filename"], refused["code"]) == ("in/inner.zip", "archive")
    assert refused["next_step"].startswith("Unpack it")
    bomb = client.post(address, {"files": file("bomb.zip", zipped({"a.txt": bytes(20 << 20)}))})
    assert (bomb.status_code, bomb.json()["code"]) == (400, "too_large_unpacked")


def test_a_reader_s_zip_is_refused_as_a_whole(company: Company, signed_in: SignIn) -> None:
    reply = signed_in(company.reader).post(
        f"/api/v1/collections/{company.collection_id}/documents",
        {"files": file("rules.zip", zipped({"a.md": PAGE, "b.md": PAGE}))},
    )
    assert (reply.status_code, reply.json()["code"]) == (403, "not_allowed")


def test_a_zip_is_no_new_version(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    reply = signed_in(company.owner).post(
        f"/api/v1/documents/{page.id}/versions", {"file": file("leave.zip", zipped({"leave.md": PAGE}))}
    )
    assert (reply.status_code, reply.json()["code"]) == (400, "archive")


def test_a_failed_file_tells_its_problem_in_the_reader_s_language(
    company: Company, signed_in: SignIn
) -> None:
    client = signed_in(company.owner)
    address = f"/api/v1/collections/{company.collection_id}/documents"
    client.post(address, {"files": file("broken.pdf", b"%PDF-1.7\nnothing of a page\n")})
    ingest()
    [row] = client.get(address).json()
    assert row["state"] == "failed"
    assert row["problem"]["message"] == "The file is damaged, or is not what its name says."
    assert row["retry_may_help"] is False
    [row] = client.get(address, headers={"accept-language": "zh-hans"}).json()
    assert row["problem"]["message"] == "文件已损坏，或与其扩展名不符。"
    again = client.post(f"/api/v1/documents/{row['id']}/retry")
    assert (again.status_code, again.json()["state"]) == (200, "queued")


def test_a_new_version_replaces_the_old(company: Company, page: DocumentRow, signed_in: SignIn) -> None:
    client = signed_in(company.owner)
    reply = client.post(
        f"/api/v1/documents/{page.id}/versions", {"file": file("leave.md", b"# Leave\n\nNew.\n")}
    )
    assert reply.status_code == 201
    assert (reply.json()["version_number"], reply.json()["versions"]) == (2, 2)
    same = client.post(
        f"/api/v1/documents/{page.id}/versions", {"file": file("leave.md", b"# Leave\n\nNew.\n")}
    )
    assert (same.status_code, same.json()["code"]) == (400, "same_as_current")
    former = client.post(f"/api/v1/documents/{page.id}/versions", {"file": file("leave.md", PAGE.encode())})
    assert (former.status_code, former.json()["version_number"]) == (201, 3)
    assert client.delete(f"/api/v1/documents/{page.id}").status_code == 204
    assert client.get(f"/api/v1/documents/{page.id}").status_code == 404
