"""The real LibreOffice on real files of the older kinds (`make proofs-office-97`)."""

from pathlib import Path

import pytest

from kbchat.parsing import ParseError, ParseErrorCode
from kbchat.parsing.converting import parse_converted
from kbchat.parsing.equipment import Converter, found_equipment
from tests.conftest import REQUIRE_ALL
from tests.rules.compound_file import compound_file
from tests.rules.parsing_support import check_promises
from tests.rules.test_parsing_older_locks import ENCRYPTED

pytestmark = pytest.mark.slow

_PACKAGES = "libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui"


@pytest.fixture
def converter() -> Converter:
    found = found_equipment(languages="", converts=True).converter
    if found is None:
        reason = f"no LibreOffice, or no Landlock. On Debian: apt-get install {_PACKAGES}"
        if REQUIRE_ALL:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.mark.parametrize(
    ("name", "media_type", "part"),
    [
        ("doc.doc", "application/msword", "Vestibulum neque massa, scelerisque sit amet ligula eu"),
        ("xls.xls", "application/vnd.ms-excel", "Dulce | Abril | Female | United States | 32 | 15/10/2017"),
        ("ppt.ppt", "application/vnd.ms-powerpoint", "Nunc ac faucibus odio"),
    ],
)
def test_it_is_read_and_stays_what_it_is(
    shared_data: Path, converter: Converter, name: str, media_type: str, part: str
) -> None:
    data = (shared_data / "office/r2r/py/core/examples/supported_file_types" / name).read_bytes()
    document = parse_converted(data, name, converter=converter)
    check_promises(document)
    assert part in document.text
    assert (document.media_type, document.report.notes) == (media_type, ())


@pytest.mark.parametrize("name", ["rc4.xls", "protected.xls", "rc4.ppt"])
def test_an_encrypted_file_is_no_broken_one(converter: Converter, name: str) -> None:
    data = compound_file(ENCRYPTED[name])
    with pytest.raises(ParseError) as failure:
        parse_converted(data, name, converter=converter, is_encrypted=True)
    assert failure.value.code is ParseErrorCode.PASSWORD_PROTECTED


@pytest.mark.parametrize("end", [700, 8000])
def test_a_broken_file_is_a_reason(shared_data: Path, converter: Converter, end: int) -> None:
    data = (shared_data / "office/r2r/py/core/examples/supported_file_types/doc.doc").read_bytes()
    broken = data[:end] + "WordDocument".encode("utf-16-le")
    with pytest.raises(ParseError) as failure:
        parse_converted(broken, "x.doc", converter=converter)
    assert failure.value.code in (ParseErrorCode.CORRUPT, ParseErrorCode.CRASHED)
