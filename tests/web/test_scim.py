"""SCIM 2.0: who gets in by it, and what it offers."""

from uuid import uuid4

import pytest

from kbchat.accounts.api_keys import create_api_key
from kbchat.accounts.directory_tokens import make_directory_token, revoke_directory_tokens
from tests.services.audit_support import subjects
from tests.web.conftest import Company, SignIn, browser
from tests.web.scim_client import GROUP, USER, Directory, entra_user, refusal

pytestmark = pytest.mark.django_db


class TestToken:
    def test_nobody_else_gets_in(self, company: Company, signed_in: SignIn) -> None:
        """Neither an administrator's session nor his API key."""
        _, key = create_api_key(company.owner, "script")
        for token in ("", "kbd_guessed", key):
            for path in ("/Users", f"/Users/{company.owner.pk}", "/Schemas"):
                assert refusal(Directory(token).call("get", path)) == (401, None)
            assert refusal(Directory(token).call("post", "/Users", entra_user("x"))) == (401, None)
        assert signed_in(company.owner).get("/scim/v2/Users").status_code == 401

    def test_it_opens_nothing_else(self, company: Company) -> None:
        _, token = make_directory_token("Entra")
        reply = browser().get("/api/v1/people", headers={"authorization": f"Bearer {token}"})
        assert reply.status_code == 401

    def test_only_its_hash_is_kept_and_it_ends_at_once(self, db: None) -> None:
        row, token = make_directory_token("Entra")
        assert token not in repr(vars(row))
        assert token not in repr(subjects())
        assert Directory(token).call("get", "/Users").status_code == 200
        assert revoke_directory_tokens("Entra") == 1
        assert Directory(token).call("get", "/Users").status_code == 401
        assert revoke_directory_tokens("Entra") == 0


class TestDiscovery:
    def test_what_is_offered_is_told(self, directory: Directory) -> None:
        config = directory.found("/ServiceProviderConfig")
        offered = {name: config[name]["supported"] for name in ("patch", "bulk", "filter", "sort", "etag")}
        assert offered == {"patch": True, "bulk": False, "filter": True, "sort": False, "etag": False}
        types = directory.found("/ResourceTypes")
        assert [each["endpoint"] for each in types["Resources"]] == ["/Users", "/Groups"]
        assert directory.found("/ResourceTypes/User")["schema"] == USER
        schemas = directory.found("/Schemas")
        assert {each["id"] for each in schemas["Resources"]} == {USER, GROUP}
        kept = {attribute["name"] for attribute in directory.found(f"/Schemas/{USER}")["attributes"]}
        assert kept == {"userName", "name", "displayName", "preferredLanguage", "active", "emails"}

    @pytest.mark.parametrize(
        "path", ["/Users/nobody", f"/Users/{uuid4()}", f"/Groups/{uuid4()}", "/Bulk", "/Schemas/x"]
    )
    def test_what_is_not_there_is_told_in_scim(self, directory: Directory, path: str) -> None:
        assert refusal(directory.call("get", path)) == (404, None)


class TestNonsense:
    @pytest.mark.parametrize("path", ["/Users", "/Groups"])
    def test_a_page_behind_the_last_is_empty(self, directory: Directory, path: str) -> None:
        directory.bring("/Users", entra_user("bob"))
        for start in ("10101010101010101010", "9223372036854775807", "9" * 400):
            page = directory.found(path, startIndex=start)
            assert (page["itemsPerPage"], page.get("Resources", [])) == (0, []), start
        assert directory.found(path, count="10101010101010101010")["startIndex"] == 1

    @pytest.mark.parametrize("nested", ["[" * 3000, '{"a":' * 3000, "[" * 200000])
    def test_what_is_nested_too_deep_is_no_message(self, directory: Directory, nested: str) -> None:
        bob = directory.bring("/Users", entra_user("bob"))
        for method, path in (
            ("post", "/Users"),
            ("put", f"/Users/{bob['id']}"),
            ("patch", f"/Users/{bob['id']}"),
        ):
            assert refusal(directory.call(method, path, nested)) == (400, "invalidSyntax"), method
