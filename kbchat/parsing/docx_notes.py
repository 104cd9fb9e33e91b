"""The footnotes and endnotes of a DOCX. They stand in parts of their own and are found by their calls."""

from collections import Counter
from typing import Any, Final

from kbchat.parsing.docx_text import children, w
from kbchat.parsing.note_calls import Call
from kbchat.parsing.printed_numbers import printed_number
from kbchat.parsing.xml_parts import root_of

_FORMS: Final = {"footnote": "decimal", "endnote": "lowerRoman"}
"""How Word prints their numbers unless it is told otherwise."""


class Notes:
    """Each is found once, by the first that calls it."""

    def __init__(self, part: Any) -> None:
        self._notes: dict[tuple[str, str], Any] = {}
        self._counted: Counter[str] = Counter()
        for relation in part.rels.values():
            for kind in _FORMS:
                if relation.is_external or not relation.reltype.endswith(f"/{kind}s"):
                    continue
                for note in children(root_of(relation.target_part.blob), kind):
                    if note.get(w("type")) in (None, "normal"):
                        self._notes[kind, note.get(w("id")) or ""] = note

    def called(self, reference: Any) -> Call | None:
        """The call that a ``footnoteReference`` or ``endnoteReference`` is; None for no note, and for one that was
        called before."""
        kind = "footnote" if reference.tag == w("footnoteReference") else "endnote"
        note = self._notes.pop((kind, reference.get(w("id")) or ""), None)
        if note is None:
            return None
        if reference.get(w("customMarkFollows")) in ("1", "true", "on"):
            return Call("", note)
        self._counted[kind] += 1
        return Call(printed_number(self._counted[kind], _FORMS[kind]), note)
