"""SCIM 2.0 as Entra ID and Okta really speak it: people are brought, kept and ended."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from kbchat.access.granting import Principal
from kbchat.access.models import Role
from kbchat.access.viewers import viewer_of
from kbchat.accounts.models import User
from kbchat.accounts.people import deactivate, set_administrator
from kbchat.audit.models import AuditAction
from kbchat.library.collections import list_collections
from kbchat.library.sharing import give_grant
from tests.services.audit_support import recorded
from tests.web.conftest import PASSWORD, Company, SignIn, call
from tests.web.scim_client import PATCH, USER, Directory, entra_user, okta_user, refusal, shown

pytestmark = pytest.mark.django_db


class TestPeople:
    @pytest.mark.parametrize("made", [entra_user("bob"), okta_user("bob")], ids=["entra", "okta"])
    def test_somebody_new_is_brought_and_found(self, directory: Directory, made: dict[str, Any]) -> None:
        told = directory.bring("/Users", made)
        for name in ("userName", "externalId", "displayName", "active"):
            assert told[name] == made[name]
        assert told["name"]["givenName"] == "Bob"
        assert told["emails"] == [{"value": made["emails"][0]["value"], "type": "work", "primary": True}]
        assert "password" not in told
        assert shown(directory, told) == told
        for asked in (f'userName eq "{made["userName"].upper()}"', f'externalId eq "{made["externalId"]}"'):
            found = directory.found("/Users", filter=asked)
            assert (found["totalResults"], found["Resources"]) == (1, [told])
        person = User.objects.get(pk=told["id"])
        assert (person.has_usable_password(), person.is_administrator) == (False, False)
        created = recorded(AuditAction.PERSON_CREATED)[-1]
        assert (created.actor_id, "directory" in created.subject) == (None, True)

    def test_a_connection_test_finds_nobody(self, directory: Directory) -> None:
        """Entra ID asks for a random name before it begins."""
        found = directory.found("/Users", filter=f'userName eq "{uuid4()}"', startIndex=1, count=100)
        assert (found["totalResults"], found["Resources"]) == (0, [])

    def test_pages(self, directory: Directory) -> None:
        for name in ("ann", "bob", "cy"):
            directory.bring("/Users", entra_user(name))
        page = directory.found("/Users", startIndex=2, count=1)
        assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (3, 2, 1)
        assert page["Resources"][0]["displayName"] == "Bob"
        assert directory.found("/Users", count=0)["totalResults"] == 3
        assert directory.found("/Users", startIndex=9)["Resources"] == []

    @pytest.mark.parametrize(
        ("asked", "count"),
        [
            ('displayName eq "bob"', 1),
            ('emails[type eq "work" and value eq "bob@contoso.com"]', 1),
            ('emails[type eq "home"]', 0),
            ('emails.value eq "bob@contoso.com" and externalId eq "entra-bob"', 1),
            ('id eq "x"', 0),
            ('externalId eq ""', 0),
        ],
    )
    def test_filters(self, directory: Directory, asked: str, count: int) -> None:
        directory.bring("/Users", entra_user("bob"))
        directory.bring("/Users", entra_user("ann"))
        assert directory.found("/Users", filter=asked)["totalResults"] == count

    @pytest.mark.parametrize(
        "asked",
        ['userName sw "b"', 'userName eq "b" or id eq "c"', "nonsense", "active eq true", 'title eq "x"'],
    )
    def test_other_filters_are_refused_not_ignored(self, directory: Directory, asked: str) -> None:
        assert refusal(directory.call("get", "/Users", filter=asked)) == (400, "invalidFilter")

    def test_nobody_is_brought_twice(self, company: Company, directory: Directory) -> None:
        directory.bring("/Users", entra_user("bob"))
        for again in (
            entra_user("bob"),
            entra_user("rob", userName="BOB@contoso.onmicrosoft.com"),
            entra_user("rob", externalId="entra-bob"),
            entra_user("rob", emails=[{"value": "bob@CONTOSO.com"}]),
            okta_user("lin"),
        ):
            assert refusal(directory.call("post", "/Users", again)) == (409, "uniqueness")
        assert User.objects.count() == 4

    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ("not json", "invalidSyntax"),
            ("[]", "invalidSyntax"),
            ({"schemas": [USER], "displayName": "No name"}, "invalidValue"),
            ({"schemas": [USER], "userName": "no-address"}, "invalidValue"),
            (okta_user("x", userName="u" * 300), "invalidValue"),
            (okta_user("x", active=["maybe"]), "invalidValue"),
        ],
    )
    def test_what_makes_no_sense_brings_nobody(self, directory: Directory, body: Any, kind: str) -> None:
        assert refusal(directory.call("post", "/Users", body)) == (400, kind)
        assert not User.objects.exists()

    def test_somebody_who_is_here_is_found_and_taken_over(
        self, company: Company, directory: Directory
    ) -> None:
        found = directory.found("/Users", filter='userName eq "Lin@example.com"')["Resources"][0]
        assert "externalId" not in found
        directory.patch(f"/Users/{found['id']}", {"op": "Add", "path": "externalId", "value": "e1"})
        assert shown(directory, found)["externalId"] == "e1"
        assert User.objects.get(pk=company.reader.pk).check_password(PASSWORD)

    def test_somebody_deactivated_here_is_not_taken_over(
        self, company: Company, directory: Directory
    ) -> None:
        deactivate(company.reader)
        assert directory.found("/Users", filter='userName eq "lin@example.com"')["totalResults"] == 0
        assert directory.call("get", f"/Users/{company.reader.pk}").status_code == 404
        assert directory.call("post", "/Users", okta_user("lin")).status_code == 409

    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "active", "value": False},
            {"op": "replace", "value": {"active": False}},
            {"op": "Replace", "value": {"active": "False"}},
            {"op": "Add", "path": "active", "value": [{"value": "False"}]},
            {"op": "Replace", "path": "active", "value": [{"$ref": None, "value": "False"}]},
            {"op": "replace", "path": f"{USER}:active", "value": "false"},
        ],
        ids=[
            "entra text",
            "entra",
            "okta",
            "entra no path",
            "entra list",
            "entra list with ref",
            "whole name",
        ],
    )
    def test_every_way_of_saying_that_somebody_left(
        self, directory: Directory, operation: dict[str, Any]
    ) -> None:
        bob = directory.bring("/Users", entra_user("bob"))
        assert directory.patch(f"/Users/{bob['id']}", operation).json()["active"] is False
        assert not User.objects.get(pk=bob["id"]).is_active
        directory.patch(f"/Users/{bob['id']}", {"op": "Replace", "path": "active", "value": "True"})
        assert shown(directory, bob) == bob

    @pytest.mark.parametrize(
        ("operations", "changed"),
        [
            (
                [
                    {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@contoso.com"},
                    {"op": "Add", "path": "name.familyName", "value": "Newman"},
                    {"op": "Replace", "path": "displayName", "value": "新"},
                ],
                {"email": "new@contoso.com", "name": "新", "directory__family_name": "Newman"},
            ),
            (
                [
                    {
                        "op": "Add",
                        "value": {'emails[type eq "work"].value': "new@contoso.com", "name.givenName": "Rob"},
                    }
                ],
                {"email": "new@contoso.com", "directory__given_name": "Rob"},
            ),
            (
                [{"op": "replace", "value": {"userName": "rob@contoso.com", "preferredLanguage": "zh-CN"}}],
                {
                    "directory__user_name": "rob@contoso.com",
                    "email": "bob@contoso.com",
                    "language": "zh-hans",
                },
            ),
            (
                [{"op": "Add", "path": "displayName", "value": [{"value": "Listed"}]}],
                {"name": "Listed"},
            ),
            (
                [
                    {"op": "Replace", "path": "externalId", "value": "other"},
                    {"op": "Remove", "path": "name.familyName"},
                ],
                {"directory__external_id": "other", "directory__family_name": ""},
            ),
            (
                [
                    {
                        "op": "Add",
                        "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                        "value": "x",
                    },
                    {"op": "Replace", "path": 'phoneNumbers[type eq "work"].value', "value": "123"},
                ],
                {"name": "Bob", "email": "bob@contoso.com"},
            ),
        ],
        ids=["paths", "paths as names", "okta", "list of one", "external id", "what nobody here keeps"],
    )
    def test_changes(self, directory: Directory, operations: list[Any], changed: dict[str, Any]) -> None:
        bob = directory.bring("/Users", entra_user("bob"))
        directory.patch(f"/Users/{bob['id']}", *operations)
        assert User.objects.filter(pk=bob["id"], **changed).exists(), shown(directory, bob)

    @pytest.mark.parametrize(
        ("operations", "name"),
        [
            ([{"op": "replace", "path": "name.familyName", "value": "Newman"}], "Bob Newman"),
            ([{"op": "Replace", "value": {"name.givenName": "Rob"}}], "Rob Li"),
            ([{"op": "Replace", "value": {"name": {"familyName": "Newman"}}}], "Bob Newman"),
            ([{"op": "Remove", "path": "name.familyName"}], "Bob"),
            ([{"op": "replace", "path": "name.formatted", "value": "Bob the New"}], "Bob the New"),
            (
                [
                    {"op": "replace", "path": "displayName", "value": "Bob Li"},
                    {"op": "replace", "path": "name.familyName", "value": "Newman"},
                ],
                "Bob Li",
            ),
            ([{"op": "replace", "path": "name.familyName", "value": "Li"}], "Bob Li"),
            ([{"op": "remove", "path": "displayName"}], "Bob Li"),
        ],
        ids=[
            "path",
            "path as name",
            "whole",
            "taken",
            "formatted",
            "shown name as well",
            "same",
            "none shown",
        ],
    )
    def test_the_name_that_is_shown_follows_its_parts(
        self, directory: Directory, operations: list[Any], name: str
    ) -> None:
        bob = directory.bring("/Users", okta_user("bob"))
        told = directory.patch(f"/Users/{bob['id']}", *operations).json()
        assert (told["displayName"], told["name"]["formatted"]) == (name, name)
        assert User.objects.get().name == name

    def test_a_name_whose_parts_nobody_knows_stays(self, company: Company, directory: Directory) -> None:
        path = f"/Users/{company.stranger.pk}"
        directory.patch(path, {"op": "add", "path": "externalId", "value": "e1"})
        told = directory.patch(path, {"op": "add", "path": "name.familyName", "value": "Stone"}).json()
        assert told["displayName"] == "Sam Stone"
        told = directory.patch(path, {"op": "add", "path": "name.givenName", "value": "Samuel"}).json()
        assert told["displayName"] == "Samuel Stone"

    def test_an_address_that_was_the_user_name_follows_it(self, directory: Directory) -> None:
        bob = directory.bring("/Users", {"schemas": [USER], "userName": "bob@contoso.com"})
        directory.patch(
            f"/Users/{bob['id']}", {"op": "Replace", "path": "userName", "value": "rob@contoso.com"}
        )
        assert User.objects.get().email == "rob@contoso.com"

    def test_okta_replaces_somebody_as_a_whole(self, directory: Directory) -> None:
        bob = directory.bring("/Users", okta_user("bob", preferredLanguage="zh-CN"))
        left_out = {name: value for name, value in okta_user("bob").items() if name != "externalId"}
        reply = directory.call(
            "put", f"/Users/{bob['id']}", {**left_out, "id": bob["id"], "displayName": "Rob"}
        )
        assert reply.status_code == 200, reply.content
        assert (reply.json()["displayName"], "externalId" in reply.json()) == ("Rob", False)
        # What it does not say, the person has said himself.
        assert User.objects.get().language == "zh-hans"

    @pytest.mark.parametrize(
        ("operation", "refused"),
        [
            (
                {"op": "Replace", "path": "userName", "value": "ann@contoso.onmicrosoft.com"},
                (409, "uniqueness"),
            ),
            (
                {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "nonsense"},
                (400, "invalidValue"),
            ),
            ({"op": "Shake", "path": "displayName", "value": "x"}, (400, "invalidValue")),
            ({"op": "Remove"}, (400, "noTarget")),
            ({"op": "Replace", "path": "userName[", "value": "x"}, (400, "invalidPath")),
        ],
    )
    def test_a_change_that_makes_no_sense_changes_nothing(
        self, directory: Directory, operation: Any, refused: Any
    ) -> None:
        directory.bring("/Users", entra_user("ann"))
        bob = directory.bring("/Users", entra_user("bob"))
        first = {"op": "Replace", "path": "displayName", "value": "Changed"}
        reply = directory.call("patch", f"/Users/{bob['id']}", {"Operations": [first, operation]})
        assert refusal(reply) == refused
        assert shown(directory, bob) == bob

    def test_a_deleted_person_is_gone_and_whoever_gets_his_address_is_somebody_else(
        self, company: Company, directory: Directory
    ) -> None:
        bob = directory.bring("/Users", okta_user("bob"))
        give_grant(viewer_of(company.owner), company.collection_id, Principal("user", bob["id"]), Role.READER)
        assert directory.call("delete", f"/Users/{bob['id']}").status_code == 204
        assert directory.call("get", f"/Users/{bob['id']}").status_code == 404
        assert directory.call("delete", f"/Users/{bob['id']}").status_code == 404
        new = directory.bring("/Users", okta_user("bob"))
        assert new["id"] != bob["id"]
        assert list_collections(viewer_of(User.objects.get(pk=new["id"]))) == []

    def test_the_only_administrator_stays(self, company: Company, directory: Directory) -> None:
        """A directory that is mistaken must not lock the company out."""
        path = f"/Users/{company.owner.pk}"
        left = {"op": "Replace", "path": "active", "value": False}
        ways: dict[str, Callable[[], Any]] = {
            "patch": lambda: directory.call("patch", path, {"schemas": [PATCH], "Operations": [left]}),
            "put": lambda: directory.call("put", path, okta_user("olga", active=False)),
            "delete": lambda: directory.call("delete", path),
        }
        for way in ways.values():
            reply = way()
            assert refusal(reply) == (400, "invalidValue")
            assert "only administrator" in reply.json()["detail"]
        company.owner.refresh_from_db()
        assert (company.owner.is_active, company.owner.email) == (True, "olga@example.com")
        set_administrator(company.reader, is_administrator=True)
        assert [way().status_code for way in ways.values()] == [200, 200, 204]

    def test_what_the_directory_keeps_an_administrator_does_not_change(
        self, company: Company, directory: Directory, signed_in: SignIn
    ) -> None:
        bob = directory.bring("/Users", okta_user("bob"))
        admin = signed_in(company.owner)
        for wish in ({"name": "Mine"}, {"email": "mine@example.com"}):
            reply = call(admin, "patch", f"/people/{bob['id']}", wish)
            assert (reply.status_code, reply.json()["code"]) == (403, "kept_by_directory")
        row = call(admin, "patch", f"/people/{bob['id']}", {"is_auditor": True, "is_active": False}).json()
        assert (row["is_auditor"], row["is_active"], row["by_directory"]) == (True, False, True)
