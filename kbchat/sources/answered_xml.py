"""XML that a source answered with, as a tree."""

from lxml import etree


def root_of(content: bytes) -> etree._Element:
    """Raises ValueError for what is no XML."""
    # No entity is expanded and nothing is loaded.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError from error


def text_in(element: etree._Element, name: str) -> str:
    """Of its first child of this name, whatever its namespace; "" where there is none."""
    found = element.find(f"{{*}}{name}")
    return (found.text or "").strip() if found is not None else ""
