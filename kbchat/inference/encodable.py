"""Text as a tokenizer or a wire can take it."""


def encodable(text: str) -> str:
    """`text` with lone surrogates, which have no UTF-8 form, replaced by question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
