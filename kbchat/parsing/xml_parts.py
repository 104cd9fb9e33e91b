"""XML from strangers: read without entities of its own, without a network and without files.

libxml2 itself ends at nesting, texts and entities that grow beyond reason, and says so with an error.
"""

from collections.abc import Collection, Iterator
from typing import IO, Any

from lxml import etree

BROKEN_XML = (etree.LxmlError,)
"""What lxml raises for what is no XML."""

_SAFELY = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def root_of(data: bytes) -> Any:
    """The root element. Raises what is in BROKEN_XML."""
    return etree.fromstring(data, etree.XMLParser(**_SAFELY))


def read_through(file: IO[bytes], tags: Collection[str], *, begun: Collection[str] = ()) -> Iterator[Any]:
    """The elements of those names (``{*}name`` for any namespace) as they end, each forgotten when the next is asked
    for; those of ``begun`` as they begin, with their attributes only. Raises what is in BROKEN_XML.
    """
    events = etree.iterparse(file, events=("start", "end"), tag=(*tags, *begun), **_SAFELY)
    starting = {tag.rpartition("}")[2] for tag in begun}
    for event, element in events:
        is_begun = local_name(element) in starting
        if is_begun == (event == "start"):
            yield element
        if event == "end":
            _forget(element)


def local_name(element: Any) -> str:
    """An element's name without its namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Any, *names: str) -> Iterator[Any]:
    """The children of those local names, of all names where none is given; none where the element is missing."""
    found = () if element is None else element
    return (one for one in found if (local_name(one) in names if names else local_name(one)))


def child(element: Any, name: str) -> Any:
    """The first child of that local name, None when it or the element itself is missing."""
    return None if element is None else next(children(element, name), None)


def attribute(element: Any, name: str) -> str:
    """The attribute of that name in no namespace, "" when it or the element itself is missing."""
    return "" if element is None else str(element.get(name, ""))


def attribute_of_any(element: Any, name: str) -> str:
    """The attribute of that local name in any namespace, "" when it or the element itself is missing."""
    found = (
        () if element is None else (value for key, value in element.items() if key.rpartition("}")[2] == name)
    )
    return str(next(iter(found), ""))


def words_of(element: Any) -> str:
    """All the text inside an element, "" when it is missing."""
    return "" if element is None else "".join(element.itertext())


def is_on(element: Any, name: str) -> bool:
    """Whether a switch is there and does not say that it is off."""
    return element is not None and attribute(element, name) in ("1", "true", "on")


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
