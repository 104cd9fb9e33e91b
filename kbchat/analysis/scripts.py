"""Which characters are written how: the character classes that every other file of this room shares.

Each constant is the inside of a regular-expression class (no brackets).
"""

# Unified ideographs with their extensions and compatibility forms, the iteration mark and the zero.
HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

KANA = "\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
HANGUL = "\u1100-\u11ff\u3130-\u318f\uac00-\ud7af"

# Thai, Lao, Burmese, Khmer: written without blanks between words.
SOUTH_EAST_ASIAN = "\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff"

WITHOUT_BLANKS = KANA + HANGUL + SOUTH_EAST_ASIAN

# Devanagari to Sinhala without their full stops, and Tibetan: many of their vowels are marks and no letters.
INDIC = "\u0900-\u0963\u0966-\u0dff\u0f40-\u0fbc"

# What is cut into bigrams.
IN_PAIRS = WITHOUT_BLANKS + INDIC
