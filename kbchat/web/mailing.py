"""Sending a link or a notice by mail, in the language of whoever gets it; where no mail is sent, a notice inside the
program, or saying so."""

import logging
import threading
from datetime import timedelta

from django.core.mail import EmailMessage
from django.db import close_old_connections

from kbchat.accounts import notices
from kbchat.accounts.choosing_password import PasswordLink, find_reset
from kbchat.accounts.models import LinkPurpose, NoticeKind, User
from kbchat.accounts.one_time_links import LIFETIMES
from kbchat.composition import environment
from kbchat.sentences import letters
from kbchat.sentences.letters import FactorChange

logger = logging.getLogger(__name__)

_MOST_AT_ONCE = 4
_sending = threading.BoundedSemaphore(_MOST_AT_ONCE)


def sends_mail() -> bool:
    return environment().smtp_host is not None


def address_of(link: PasswordLink) -> str:
    """Behind the "#" the token reaches no server but by the page's own request, and no log."""
    return f"{environment().origins[0]}/password#{link.token}"


def send_link(link: PasswordLink) -> bool:
    """Whether it is on its way."""
    if not sends_mail():
        return False
    return _sent(_letter(link), link.person)


def tell_of_factor(person: User, change: FactorChange) -> None:
    """That it was changed, to its owner: if it was not he, he learns of it."""
    if sends_mail():
        _sent(letters.factor_changed(person.name, change, language=person.language), person)
    else:
        notices.tell(person, NoticeKind(change))


def send_reset(email: str) -> None:
    """A link, or word of it to the administrators. In a thread of its own: who asks waits as long for an address that
    nobody has here. With many at once one is lost, and whoever asked asks again."""
    if _sending.acquire(blocking=False):
        threading.Thread(target=_reset, args=(email,), name="reset", daemon=True).start()


def _reset(email: str) -> None:
    try:
        if not sends_mail():
            notices.tell_of_lost_password(email)
            return
        link = find_reset(email)
        if link is not None:
            send_link(link)
    except Exception:
        logger.exception("a link for a lost password could not be made")
    finally:
        close_old_connections()
        _sending.release()


def _sent(letter: letters.Letter, person: User) -> bool:
    try:
        EmailMessage(letter.subject, letter.body, to=[person.email]).send()
    except OSError:
        # smtplib's errors are OSErrors; their words may hold the address.
        logger.warning("a mail could not be sent", extra={"person": str(person.pk)})
        return False
    return True


def _letter(link: PasswordLink) -> letters.Letter:
    person, address = link.person, address_of(link)
    lifetime = LIFETIMES[link.purpose] or timedelta()
    if link.purpose == LinkPurpose.INVITATION:
        return letters.invitation(person.name, address, days=lifetime.days, language=person.language)
    minutes = int(lifetime.total_seconds()) // 60
    return letters.reset(person.name, address, minutes=minutes, language=person.language)
