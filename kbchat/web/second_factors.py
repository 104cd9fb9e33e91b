"""The step between a right password and a session, and the proof that whoever holds a session is still its person.

Between the two steps the browser has a session that is nobody's: no route, no socket and no key opens by it.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from kbchat.accounts.models import User
from kbchat.accounts.open_sessions import is_proved
from kbchat.accounts.passkeys import Site
from kbchat.accounts.pending_sign_ins import LIFETIME, find_pending, note_pending
from kbchat.composition import environment
from kbchat.core.errors import Invalid, NotAllowed


def wait_for_second_factor(request: HttpRequest, person: User) -> None:
    """Under a new key, as at the end of signing in (T29)."""
    request.session.flush()
    note_pending(person, _kept_for_a_while(request.session))


def waiting_person(request: HttpRequest) -> User | None:
    """Whose password was right in this browser, and whose second factor is still to come."""
    key = request.session.session_key
    return find_pending(key) if key else None


def session_key_for_challenge(request: HttpRequest) -> str:
    """Of this browser; of a new session that is nobody's where it had none."""
    session = request.session
    if session.session_key is None or not session.exists(session.session_key):
        session.flush()
        return _kept_for_a_while(session)
    return session.session_key


def require_proof(request: HttpRequest) -> None:
    """Before a change of what opens the account. Raises NotAllowed("proof_needed")."""
    if not is_proved(request.session.session_key or ""):
        raise NotAllowed("proof_needed")


def find_site(request: HttpRequest) -> Site | None:
    """The address by which this browser reaches us; None where it is an IP address, which has no passkeys."""
    host = request.get_host()
    origin = next((each for each in environment().origins if urlsplit(each).netloc == host), None)
    name = urlsplit(origin or "").hostname
    return Site(name, origin.rstrip("/")) if origin and name and not _is_number(name) else None


def site_of(request: HttpRequest) -> Site:
    """Raises Invalid("passkeys_need_a_name")."""
    site = find_site(request)
    if site is None:
        raise Invalid("passkeys_need_a_name")
    return site


def _kept_for_a_while(session: SessionBase) -> str:
    session.set_expiry(int(LIFETIME.total_seconds()))
    session.save()
    return str(session.session_key)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
