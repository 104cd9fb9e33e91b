"""What people and scripts type, before it meets a tokenizer or the database."""


def storable(typed: str) -> str:
    """Without NUL, which PostgreSQL does not take, and with "?" for lone surrogates, which UTF-8 does not know."""
    return typed.replace("\0", "").encode("utf-8", "replace").decode()
