"""The company's directory as it speaks to kbchat, for tests."""

import json
from typing import Any

from django.test import Client

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class Directory:
    """`token` "" shows none."""

    def __init__(self, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._client = Client(enforce_csrf_checks=True, headers=headers)

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        address = f"/scim/v2{path}"
        if method == "get":
            return self._client.get(address, query)
        content = body if isinstance(body, str) else json.dumps(body)
        return getattr(self._client, method)(address, content, content_type="application/scim+json")

    def found(self, path: str, **query: Any) -> dict[str, Any]:
        reply = self.call("get", path, **query)
        assert reply.status_code == 200, reply.content
        return dict(reply.json())

    def bring(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        reply = self.call("post", path, body)
        assert reply.status_code == 201, reply.content
        assert reply["Location"] == reply.json()["meta"]["location"]
        return dict(reply.json())

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        reply = self.call("patch", path, {"schemas": [PATCH], "Operations": list(operations)})
        assert reply.status_code in (200, 204), reply.content
        return reply


def entra_user(name: str, **more: Any) -> dict[str, Any]:
    """As Entra ID makes one; it sends its own schema and attributes that nobody here keeps."""
    enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    return {
        "schemas": [USER, enterprise],
        "externalId": f"entra-{name}",
        "userName": f"{name}@contoso.onmicrosoft.com",
        "active": True,
        "displayName": name.title(),
        "emails": [{"primary": True, "type": "work", "value": f"{name}@contoso.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": f"{name.title()} B", "familyName": "B", "givenName": name.title()},
        "roles": [],
        enterprise: {"department": "Sales"},
        **more,
    }


def okta_user(name: str, **more: Any) -> dict[str, Any]:
    """As Okta makes one, password and all."""
    return {
        "schemas": [USER],
        "userName": f"{name}@example.com",
        "name": {"givenName": name.title(), "familyName": "Li"},
        "emails": [{"primary": True, "value": f"{name}@example.com", "type": "work"}],
        "displayName": f"{name.title()} Li",
        "locale": "en-US",
        "externalId": f"00u{name}",
        "groups": [],
        "password": "1mz050nq-long-enough",
        "active": True,
        **more,
    }


def shown(directory: Directory, user: dict[str, Any]) -> dict[str, Any]:
    return directory.found(f"/Users/{user['id']}")


def refusal(reply: Any) -> tuple[int, str | None]:
    body = reply.json()
    assert reply["Content-Type"] == "application/scim+json"
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(reply.status_code)
    assert body["detail"]
    return reply.status_code, body.get("scimType")
