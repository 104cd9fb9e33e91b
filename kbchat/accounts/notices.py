"""Notices inside the program, for where no mail is sent: what happened to one's own account, who cannot get in, and
what became of a knowledge gap.

A lost password is told to every administrator, and settled for all by whoever makes the link.
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from kbchat.accounts.models import Notice, NoticeKind, User, is_email
from kbchat.accounts.provisioned_people import is_kept_by_directory
from kbchat.core.errors import NotFound
from kbchat.core.viewer import Viewer


def tell(person: User, kind: NoticeKind, *, about: UUID | None = None) -> None:
    """Himself: of his account, or of a gap."""
    Notice.objects.create(kind=kind, person=person, about=about)


def tell_of_lost_password(email: str) -> None:
    """Every administrator; nobody where nobody has this address, or the company's sign-in alone lets him in."""
    person = User.objects.filter(is_email(email.strip()), is_active=True).first()
    if person is not None and (person.has_usable_password() or not is_kept_by_directory(person)):
        Notice.objects.get_or_create(kind=NoticeKind.RESET_ASKED, person=person)


def list_notices(viewer: Viewer) -> list[Notice]:
    """The newest first."""
    return list(_told(viewer).select_related("person").order_by("-at"))


def dismiss(viewer: Viewer, notice_id: UUID) -> None:
    """Raises NotFound."""
    deleted, _ = _told(viewer).filter(pk=notice_id).delete()
    if not deleted:
        raise NotFound


def settle_lost_password(person: User) -> None:
    Notice.objects.filter(kind=NoticeKind.RESET_ASKED, person=person).delete()


def settle_gap(gap_id: UUID) -> None:
    """Whoever it was given to need not be told any more."""
    Notice.objects.filter(kind=NoticeKind.GAP_ASSIGNED, about=gap_id).delete()


def _told(viewer: Viewer) -> QuerySet[Notice]:
    """Whether he is an administrator is read anew (T28)."""
    own = Q(person=viewer.user_id) & ~Q(kind=NoticeKind.RESET_ASKED)
    manages = User.objects.filter(pk=viewer.user_id, is_active=True, is_administrator=True).exists()
    return Notice.objects.filter(own | Q(kind=NoticeKind.RESET_ASKED) if manages else own)
