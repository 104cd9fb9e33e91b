"""Recovery codes: each opens once, for whoever has lost his app and his passkeys. They are shown when they are made.

Kept as a password is (scrypt under a salt of their own), because they are short enough to be typed.
"""

import hashlib
import secrets
from typing import Final

from django.db import connection

from kbchat.accounts.models import RecoveryCodes, User

COUNT: Final = 10
WORK: Final = 2**14
"""scrypt's n: a twentieth of a second for each code."""
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: no letter looks like a digit."""
_LOOK_ALIKE: Final = str.maketrans("oil", "011")
_CHARACTERS: Final = 10
"""Fifty bits of chance."""
_HALF: Final = _CHARACTERS // 2

_USE: Final = """
UPDATE accounts_recoverycodes SET digests = array_remove(digests, %(digest)s)
WHERE user_id = %(person)s AND %(digest)s = ANY (digests)
"""


def make_codes(person: User) -> list[str]:
    """In place of those that he had; as they are to be shown, once."""
    salt = secrets.token_bytes(16)
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_CHARACTERS)) for _ in range(COUNT)]
    RecoveryCodes.objects.filter(user=person).delete()
    RecoveryCodes.objects.create(user=person, salt=salt, digests=[_digest(code, salt) for code in codes])
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


def use_recovery_code(person: User, typed: str) -> bool:
    """Whether it is one of his that was not used yet; of several at once, one is."""
    kept = RecoveryCodes.objects.filter(user=person).first()
    # As much work where there are none: time must not tell.
    digest = _digest(_plain(typed), bytes(kept.salt) if kept else b"none")
    with connection.cursor() as cursor:
        cursor.execute(_USE, {"digest": digest, "person": person.pk})
        return bool(cursor.rowcount)


def _plain(typed: str) -> str:
    return "".join(each for each in typed.lower().translate(_LOOK_ALIKE) if each in _ALPHABET)


def _digest(code: str, salt: bytes) -> str:
    return hashlib.scrypt(code.encode(), salt=salt, n=WORK, r=8, p=1, dklen=32).hex()
