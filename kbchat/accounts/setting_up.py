"""The first administrator signs up by a one-time link; once anybody exists there is none."""

from django.db import connection, transaction

from kbchat.accounts.models import LinkPurpose, User
from kbchat.accounts.one_time_links import make_link, use_link
from kbchat.accounts.people import create_person
from kbchat.core.errors import NotFound


def setup_is_open() -> bool:
    return not User.objects.exists()


@transaction.atomic
def new_setup_token() -> str:
    """A fresh token; every earlier one is void."""
    return make_link(LinkPurpose.SETUP)


@transaction.atomic
def set_up(token: str, *, email: str, name: str, password: str) -> User:
    """The first administrator. Raises NotFound for a token that is wrong, used or late."""
    # One at a time: two who hold the link must not both become the first administrator.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('kbchat setup'))")
    try:
        use_link(token, LinkPurpose.SETUP)
    except NotFound as error:
        raise NotFound("setup_link_invalid") from error
    if not setup_is_open():
        raise NotFound("setup_link_invalid")
    return create_person(email=email, name=name, password=password, is_administrator=True)
