"""SCIM 2.0 as Entra ID and Okta really speak it: groups and their members (T32)."""

import json
from typing import Any
from uuid import uuid4

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import Group, Membership, Source, User
from kbchat.accounts.people import ensure_group
from kbchat.library.collections import list_collections
from kbchat.library.sharing import give_grant
from tests.web.conftest import Company
from tests.web.scim_client import GROUP, Directory, entra_user, refusal

pytestmark = pytest.mark.django_db


class TestGroups:
    @pytest.fixture
    def people(self, directory: Directory) -> list[str]:
        return [directory.bring("/Users", entra_user(name))["id"] for name in ("ann", "bob", "cy")]

    @pytest.fixture
    def group(self, directory: Directory, people: list[str]) -> dict[str, Any]:
        """With Ann in it; its members as Entra ID adds them."""
        made = directory.bring("/Groups", {"schemas": [GROUP], "displayName": "Sales", "externalId": "g1"})
        added = {"op": "Add", "path": "members", "value": [{"$ref": None, "value": people[0]}]}
        directory.patch(f"/Groups/{made['id']}", added)
        return made

    def members(self, group: dict[str, Any]) -> set[str]:
        rows = Membership.objects.filter(group=group["id"])
        assert {row.source for row in rows} <= {Source.DIRECTORY}
        return {str(row.user_id) for row in rows}

    def test_it_is_found(self, directory: Directory, group: dict[str, Any], people: list[str]) -> None:
        for asked in (
            'displayName eq "sales"',
            'externalId eq "g1"',
            f'id eq "{group["id"]}" and members eq "{people[0]}"',
        ):
            found = directory.found("/Groups", filter=asked)
            assert [each["id"] for each in found["Resources"]] == [group["id"]], asked
        whole = directory.found(f"/Groups/{group['id']}")
        assert whole["members"] == [{"value": people[0], "type": "User"}]
        assert "members" not in directory.found(f"/Groups/{group['id']}", excludedAttributes="members")
        listed = directory.found("/Groups", excludedAttributes="members", filter='displayName eq "Sales"')
        assert "members" not in listed["Resources"][0]
        kept = Group.objects.get()
        assert (kept.source, kept.external_id) == (Source.DIRECTORY, "g1")

    @pytest.mark.parametrize(
        ("operations", "left"),
        [
            ([{"op": "Add", "path": "members", "value": [{"value": "{1}"}, {"value": "{2}"}]}], "012"),
            (
                [{"op": "add", "path": "members", "value": [{"value": "{1}", "display": "bob@contoso.com"}]}],
                "01",
            ),
            ([{"op": "Remove", "path": "members", "value": [{"value": "{0}"}]}], ""),
            ([{"op": "remove", "path": 'members[value eq "{0}"]'}], ""),
            ([{"op": "remove", "path": 'members[value eq "{1}"]'}], "0"),
            ([{"op": "Remove", "path": "members"}], ""),
            ([{"op": "replace", "path": "members", "value": [{"value": "{2}"}]}], "2"),
            ([{"op": "add", "value": {"members": [{"value": "{1}"}]}}], "01"),
            (
                [
                    {"op": "remove", "path": 'members[value eq "{0}"]'},
                    {"op": "add", "path": "members", "value": [{"value": "{1}"}]},
                ],
                "1",
            ),
        ],
        ids=[
            "entra add",
            "okta add",
            "entra remove",
            "path remove",
            "absent",
            "all",
            "replace",
            "no path",
            "both",
        ],
    )
    def test_every_way_of_changing_members(
        self, directory: Directory, group: dict[str, Any], people: list[str], operations: list[Any], left: str
    ) -> None:
        text = json.dumps(operations)
        for index, person in enumerate(people):
            text = text.replace(f"{{{index}}}", person)
        directory.patch(f"/Groups/{group['id']}", *json.loads(text))
        assert self.members(group) == {people[int(index)] for index in left}

    def test_it_is_renamed_and_replaced(
        self, directory: Directory, group: dict[str, Any], people: list[str]
    ) -> None:
        """Okta sends the id inside the value."""
        path = f"/Groups/{group['id']}"
        directory.patch(path, {"op": "replace", "value": {"id": group["id"], "displayName": "销售"}})
        assert (Group.objects.get().name, self.members(group)) == ("销售", {people[0]})
        told = {"schemas": [GROUP], "displayName": "Sales", "members": [{"value": people[1]}]}
        assert directory.call("put", path, told).status_code == 200
        assert (Group.objects.get().name, self.members(group)) == ("Sales", {people[1]})

    def test_what_is_shared_with_it_reaches_its_members(
        self, company: Company, directory: Directory, group: dict[str, Any], people: list[str]
    ) -> None:
        """Nested, too."""
        outer = directory.bring("/Groups", {"displayName": "All", "members": [{"value": group["id"]}]})
        owner, ann = viewer_of(company.owner), viewer_of(User.objects.get(pk=people[0]))
        give_grant(owner, company.collection_id, Principal("group", outer["id"]), Role.READER)
        assert [row.name for row in list_collections(ann)] == ["People"]
        circle = {"op": "add", "path": "members", "value": [{"value": outer["id"]}]}
        reply = directory.call("patch", f"/Groups/{group['id']}", {"Operations": [circle]})
        assert refusal(reply) == (400, "invalidValue")
        directory.patch(
            f"/Groups/{outer['id']}", {"op": "remove", "path": f'members[value eq "{group["id"]}"]'}
        )
        assert list_collections(ann) == []

    def test_it_cannot_reach_for_what_is_ours(
        self, company: Company, directory: Directory, people: list[str]
    ) -> None:
        ours = ensure_group("Ours", [company.reader])
        for method in ("get", "patch", "put", "delete"):
            assert directory.call(method, f"/Groups/{ours.pk}", {"displayName": "Theirs"}).status_code == 404
        assert refusal(directory.call("post", "/Groups", {"displayName": "Ours"})) == (409, "uniqueness")
        for stranger in (str(ours.pk), str(uuid4()), "nobody"):
            told = {"displayName": "Mixed", "members": [{"value": stranger}]}
            assert refusal(directory.call("post", "/Groups", told)) == (400, "invalidValue")
        assert [each.name for each in Group.objects.all()] == ["Ours"]

    def test_it_is_deleted_with_what_it_gave(
        self, company: Company, directory: Directory, group: dict[str, Any], people: list[str]
    ) -> None:
        owner, ann = viewer_of(company.owner), viewer_of(User.objects.get(pk=people[0]))
        give_grant(owner, company.collection_id, Principal("group", group["id"]), Role.READER)
        assert directory.call("delete", f"/Groups/{group['id']}").status_code == 204
        assert directory.call("get", f"/Groups/{group['id']}").status_code == 404
        assert list_collections(ann) == []
        assert not Group.objects.exists()
