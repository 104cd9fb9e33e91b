"""A source that itself says who reads what it brings."""

from pathlib import Path

from kbchat.access.viewing import viewing
from kbchat.accounts.models import Group, User
from kbchat.accounts.people import ensure_group
from kbchat.core.viewer import Viewer
from kbchat.documents.models import Document
from kbchat.library.models import PermissionsFrom
from kbchat.library.sources.keeping import SourceWish, keep_source
from kbchat.library.sources.rows import SourceRow
from kbchat.sources.access_file import ACCESS_FILE
from tests.company import Company
from tests.services.sources_support import surroundings_of, write

ALL = {"plan", "leave", "other"}


def rule(path: str, *groups: str) -> str:
    """Without a group: whoever reads the collection."""
    who = f"groups = [{', '.join(repr(group) for group in groups)}]" if groups else "everyone = true"
    return f'[[rule]]\npath = "{path}"\n{who}\n'


def say(folder: Path, *rules: str) -> None:
    (folder / ACCESS_FILE).unlink(missing_ok=True)
    (folder / ACCESS_FILE).write_text("\n".join(rules))


def mirrored(company: Company, folder: Path, kind: str = "folder", **place: str) -> SourceRow:
    wish = SourceWish(
        kind,
        "Files",
        place or {"folder": str(folder)},
        permissions_from=PermissionsFrom.SOURCE,
    )
    return keep_source(company.admin, company.handbook.id, wish, surroundings_of(folder))


def seen(company: Company, viewer: Viewer) -> set[str]:
    """What the database shows him."""
    with viewing(viewer):
        here = Document.objects.filter(collection=company.handbook.id, deleted_at=None)
        return set(here.values_list("title", flat=True))


def user(viewer: Viewer) -> User:
    return User.objects.get(pk=viewer.user_id)


def board_of(company: Company) -> Group:
    """The stranger's; nobody of it reads the collection by that."""
    return ensure_group("Board", [user(company.stranger)])


def write_three_pages(folder: Path) -> None:
    """One for the board, one for the staff, one that no rule is for."""
    write(folder, board__plan="Secret.", staff__leave="Words.", other="Words.")
    say(folder, rule("board/**", "Board"), rule("staff/**", "Staff"))
