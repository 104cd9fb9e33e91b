"""Signing out at the identity provider ends the sessions here, and their sockets (T27, T31)."""

from collections.abc import Sequence

from kbchat.accounts.identities import find_person
from kbchat.accounts.open_sessions import end_all_sessions, end_directory_session, person_of_directory_session
from kbchat.web.ws.ending import announce_end


def end_sessions(issuer: str, *, subject: str, sessions: Sequence[str]) -> None:
    """Those that the provider calls by these names; with none named, all of the person. That nobody is signed in by
    them is no error."""
    person = find_person(issuer, subject) if subject else None
    if person is None and sessions:
        person = person_of_directory_session(issuer, sessions[0])
    if person is None:
        return
    for session in sessions:
        end_directory_session(person, issuer, session)
    if not sessions:
        end_all_sessions(person)
    announce_end(person.pk)
