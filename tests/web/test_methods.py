"""A method that an address does not have is refused like anything else."""

import pytest
from django.test import Client

PROMISED = {"code", "message", "next_step"}


@pytest.mark.parametrize(
    ("language", "message"), [("en", "This address does not do that."), ("zh-hans", "此地址不支持该操作。")]
)
def test_a_method_that_an_address_lacks_is_told_in_the_promised_form(language: str, message: str) -> None:
    reply = Client().delete("/api/v1/collections", headers={"accept-language": language})
    assert reply.status_code == 405
    assert set(reply.json()) == PROMISED
    assert (reply.json()["code"], reply.json()["message"]) == ("method_not_allowed", message)
    assert {method.strip() for method in reply["Allow"].split(",")} == {"GET", "POST"}


def test_outside_the_api_it_is_plain() -> None:
    reply = Client().post("/healthz")
    assert (reply.status_code, reply["Allow"], reply.content) == (405, "GET, HEAD", b"")
