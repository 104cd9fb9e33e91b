"""What models are told, one file a text and language; `{name}.{language}.txt`.

A template has `$names` and nothing else. What is put in is never looked at again, so a document that holds `$passages`
is just such a text. VERSION changes with any letter of any file, and is kept with each answer.
"""

import hashlib
from pathlib import Path
from string import Template
from typing import Final

from kbchat.answering.wording import Language

_FILES: Final = {file.name: file.read_bytes() for file in sorted(Path(__file__).parent.glob("*.txt"))}
_TEMPLATES: Final = {name: Template(text.decode().strip()) for name, text in _FILES.items()}

VERSION: Final = hashlib.sha256(
    b"\0".join(name.encode() + b"\0" + _FILES[name] for name in _FILES)
).hexdigest()[:12]


def rendered(name: str, language: Language, **values: str) -> str:
    """Raises KeyError for a text that does not exist, and ValueError where `values` are not exactly what it names."""
    template = _TEMPLATES[f"{name}.{language}.txt"]
    if set(values) != set(template.get_identifiers()):
        raise ValueError(f"{name} takes {template.get_identifiers()}, not {sorted(values)}")
    return template.substitute(values)
