"""Questions that nobody asks by accident, made from a seed: whatever takes text must take these."""

import random
from collections.abc import Callable, Iterator
from typing import Final

SEED: Final = 4
_64_KB: Final = 65_536

# The worst of each kind, always among them.
EXTREMES: Final = (
    "",
    "-" * 10_000,
    "\0" * 5_000,
    "\ud800" * 5_000,
    "年\udfff" * 20_000,
    "a" + "\u0301\u0323\u0489" * 5_000,
    "👨‍👩‍👧‍👦" * 3_000,
    "\u202e\u2066\u200f" * 5_000,
    "？！。，、；：（）【】《》…—" * 1_000,
    "x" * _64_KB,
    "年" * _64_KB,
    "leave days " * (_64_KB // 11),
    " ".join(f"w{n}" for n in range(9_000)),
    "(" * 5_000 + ")" * 5_000,
    "a:* & !b | (c <-> d) <2> 'e' " * 200,
    "%" * 5_000 + "_" * 5_000,
    "(a+)+$" * 1_000,
    "'; DROP TABLE documents_document; --" * 100,
)

_OPERATORS: Final = (
    # tsquery, Lucene, SQL, LIKE, regular expressions, formats, JSON, arrays, HTML, templates
    *("a:*", "& | !", "<->", "<2>", "'a' & 'b'", "!!", "a & (b"),
    *(
        "+must -not",
        "title:(a OR b)",
        "a~2",
        "a^3",
        "[1 TO *]",
        '"open phrase',
        "a*?",
        "NOT AND OR",
        "/re[gex/",
    ),
    *(
        "'",
        "''",
        '"',
        ";--",
        "/*",
        "*/",
        "$$",
        "$1",
        "%s",
        "%(terms)s",
        "%%",
        "::text[]",
        "\\x00",
        "E'\\'",
        "1=1",
    ),
    *("%", "_", "\\%", "[^a]", "(?:", "(a+)+", "^$", "\\", "{0}", "{x!r}", "{{ x }}", "${x}", "<script>"),
    *(
        '{"a":',
        "[[",
        "{a,b,NULL}",
        "\\N",
        "\r\n\r\n",
        "../../etc",
        "https://a.b/?q=%00",
        "-----",
        "...",
        "&#0;",
        "\\u0000",
    ),
)
_WORDS: Final = (
    *(
        "leave",
        "RAG-Token",
        "v2.5.1",
        "C++",
        "28",
        "naïve",
        "İstanbul",
        "ǅ",
        "ﬁnal",
        "ẞ",
        "ﷺ",
        "½",
        "①",
        "１５",
    ),
    *(
        "年假",
        "勞動合同",
        "休息日",
        "データ",
        "ﾃﾞｰﾀ",
        "연차휴가",
        "отпуск",
        "άδεια",
        "حافلة",
        "חופשה",
        "วันลา",
        "छुट्टी",
    ),
    *("𠮷野家", "𝔘𝔫𝔦"),
)
_MARKS: Final = "\u0300\u0301\u0327\u0483\u0489\u0591\u05b0\u064b\u0e31\u0e38\u3099\u20dd\ufe0f\U000e0100"
_INVISIBLE: Final = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2069\u00ad\ufeff\U000e0041"
)
_CONTROLS: Final = (
    "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0)])) + "\u2028\u2029\ufffe\uffff\U0010ffff"
)
_EMOJI: Final = ("🦆", "👩🏽‍🚀", "🏳️‍🌈", "🇩🇪", "1️⃣", "👨‍👩‍👧‍👦", "🏴\U000e0067\U000e007f", "❤️‍🔥", "‍", "🏽")
_SIGNS: Final = (
    "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~。，、！？；：（）【】「」《》…—·￥％＃＠※№§°′″¿¡«»†‡•→∞≠√∑"
)
_JOINTS: Final = ("", "", " ", "\n", "\t", "\u3000", "\xa0", "-", "\0", "\u200d", ".", ",")

_Kind = Callable[[random.Random, int], str]
_KINDS: Final[tuple[_Kind, ...]] = (
    lambda chance, length: " ".join(chance.choices(_WORDS, k=length)),
    lambda chance, length: "".join(chance.choices(_WORDS, k=length)),
    lambda chance, length: " ".join(chance.choices(_OPERATORS, k=length)),
    lambda chance, length: "".join(chance.choices(_CONTROLS, k=length)),
    lambda chance, length: "".join(chance.choices(_INVISIBLE, k=length)),
    lambda chance, length: "".join(chance.choices(_SIGNS, k=length)),
    lambda chance, length: chance.choice(_SIGNS) * length,
    lambda chance, length: chance.choice("aé年데א") + "".join(chance.choices(_MARKS, k=length)),
    lambda chance, length: "".join(chance.choices(_EMOJI, k=length)),
    lambda chance, length: "".join(chr(chance.randrange(0xD800, 0xE000)) for _ in range(length)),
    lambda chance, length: "".join(chr(chance.randrange(0x110000)) for _ in range(length)),
    lambda chance, length: (
        "".join(chance.choices("0123456789", k=length)) + chance.choice(("", "天", "%", "e999", ".0.0"))
    ),
)


def hostile_questions(count: int, *, seed: int = SEED) -> Iterator[str]:
    """So many, the same for a seed: most of them short, one in a hundred of thousands of characters, and all
    `EXTREMES` where there are enough."""
    yield from EXTREMES[:count]
    chance = random.Random(seed)
    for _ in range(count - len(EXTREMES)):
        longest = 4_000 if chance.random() < 0.01 else 40
        parts = [
            chance.choice(_KINDS)(chance, chance.randint(1, longest)) for _ in range(chance.randint(1, 4))
        ]
        yield chance.choice(_JOINTS).join(parts)[:_64_KB]
