"""Where every run of the machine begins: a company, and the same company in plain sets."""

from dataclasses import dataclass

from tests.security.rights_company import OWNER, PEOPLE, SHELVES, RightsCompany
from tests.security.rule_in_sets import ModelDocument, ModelVersion, Path, Rule, collection_at, section_at

DOCUMENTS = ("rules", "plans", "notes")
A, A1, B = ("Book", "A"), ("Book", "A", "A1"), ("Book", "B")
SHAPES: tuple[tuple[Path, ...], ...] = (
    (("Book",), A, A1, B),
    (("Book",), B),
    (("Book",), A, B),
    (("Book",), A, A1),
    (("Book",),),
    (("Tome",), ("Tome", "A"), ("Tome", "B")),
    (("Book",), B, ("Book", "B", "A1")),
)
PATHS = sorted({path for shape in SHAPES for path in shape})


@dataclass
class Founded:
    """Where every example begins: a company, and what decides in it."""

    company: RightsCompany
    rule: Rule

    @classmethod
    def anew(cls) -> "Founded":
        """A little of everything, so that each change changes something for somebody."""
        founded = cls(RightsCompany(), Rule(dict.fromkeys(PEOPLE, True)))
        company, rights = founded.company, founded.rule
        for shelf in SHELVES:
            rights.grants[collection_at(shelf), OWNER] = "owner"
        # Two on one shelf differ in nothing but what is said of them.
        for name, shelf in zip(DOCUMENTS, (SHELVES[0], SHELVES[1], SHELVES[1]), strict=True):
            founded.write(name, shelf, SHAPES[0])
        for name, group in (("ann", "staff"), ("bob", "sales"), ("cyd", "board")):
            company.enter(name, group)
            rights.members.add((name, group))
        company.nest("sales", "staff")
        rights.inside.add(("sales", "staff"))
        for shelf, group, role in ((SHELVES[0], "staff", "reader"), (SHELVES[1], "board", "editor")):
            company.give(collection_at(shelf), group, role)
            rights.grants[collection_at(shelf), group] = role
        company.deny(section_at(DOCUMENTS[0], A), "sales")
        rights.denials[section_at(DOCUMENTS[0], A), "sales"] = rights.tick()
        return founded

    def write(self, name: str, shelf: str, shape: tuple[Path, ...]) -> None:
        """A new document, or a new version of it."""
        document = self.rule.documents.setdefault(name, ModelDocument(shelf))
        number = len(document.versions) + 1
        words = {path: f"Needle {name} {number} {' '.join(path)}." for path in shape}
        text = "\n\n".join(f"{'#' * len(path)} {path[-1]}\n\n{words[path]}" for path in shape)
        self.company.add_version(shelf, name, text)
        document.versions.append(ModelVersion(name, number, self.rule.tick(), frozenset(shape), words))
