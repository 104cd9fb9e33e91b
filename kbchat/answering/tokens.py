"""How much of a model's window a text takes. Knows no model and no tokenizer."""


def count_tokens(text: str) -> int:
    """An upper estimate without a tokenizer: one for each character beyond ASCII, for three others one."""
    ascii_characters = sum(map(str.isascii, text))
    return len(text) - ascii_characters + -(-ascii_characters // 3)


def shortened(text: str, most: int) -> str:
    """At most about so many tokens of `text`: its beginning and its end."""
    needed = count_tokens(text)
    if needed <= most:
        return text
    kept = len(text) * most // needed // 2
    return f"{text[:kept]} … {text[-kept:]}"
