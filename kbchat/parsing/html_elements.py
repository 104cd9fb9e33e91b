"""HTML elements by what they mean for reading."""

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_BLOCKS = """
    address article aside blockquote body caption center dd details dialog dir div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p
    pre search section summary table tbody td tfoot th thead tr ul
"""
_WITHOUT_TEXT_TO_READ = """
    script style noscript template head title meta link base
    iframe object embed svg canvas audio video area param source track
    select textarea datalist col colgroup rp rt annotation annotation-xml
"""
_PARTS_OF_A_LINE = """
    a abbr acronym b bdi bdo big br button cite code data del dfn em font i img input ins kbd label mark math
    meter output picture progress q rb rbc rtc ruby s samp slot small span strike strong sub sup time tt u var
    wbr
"""

BLOCKS = frozenset(_BLOCKS.split())
"""They begin and end a block. Every other element, known or not, is part of a line, as in a browser."""

NEVER_TEXT = frozenset(_WITHOUT_TEXT_TO_READ.split())
KNOWN = BLOCKS | NEVER_TEXT | frozenset(_PARTS_OF_A_LINE.split())
