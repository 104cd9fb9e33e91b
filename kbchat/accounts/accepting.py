"""What may be an e-mail, a name or a password of a person here; asked wherever one is typed in."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kbchat.core.errors import Invalid

LEAST_PASSWORD_CHARACTERS = 12
_MOST_EMAIL_CHARACTERS = 254
_MOST_NAME_CHARACTERS = 200


def accepted_email(text: str) -> str:
    """Without spaces around it. Raises Invalid("email_invalid")."""
    email = text.strip()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("email_invalid") from error
    if len(email) > _MOST_EMAIL_CHARACTERS:
        raise Invalid("email_invalid")
    return email


def accepted_name(text: str) -> str:
    """Without spaces around it. Raises Invalid("name_missing") or ("name_too_long")."""
    name = text.strip()
    if not name:
        raise Invalid("name_missing")
    if len(name) > _MOST_NAME_CHARACTERS:
        raise Invalid("name_too_long")
    return name


def accepted_password(text: str) -> str:
    """As it is. Raises Invalid("password_too_short", least)."""
    if len(text) < LEAST_PASSWORD_CHARACTERS:
        raise Invalid("password_too_short", least=LEAST_PASSWORD_CHARACTERS)
    return text
