"""What was exported for the page is what the program speaks."""

import json

import pytest
from django.core.management import CommandError, call_command

from kbchat.web.management.commands import export_schemas


def test_the_exported_schema_is_up_to_date() -> None:
    call_command("export_schemas", "--check")


def test_a_change_is_noticed(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = json.loads(export_schemas.SCHEMA.read_text(encoding="utf-8"))
    del changed["components"]["schemas"]["DocumentRow"]["properties"]["title"]
    copy = tmp_path / "schema.json"
    copy.write_text(json.dumps(changed))
    monkeypatch.setattr(export_schemas, "SCHEMA", copy)
    with pytest.raises(CommandError, match="npm run types"):
        call_command("export_schemas", "--check")


def test_commands_and_frames_are_told_apart_by_their_type() -> None:
    schemas = json.loads(export_schemas.SCHEMA.read_text(encoding="utf-8"))["components"]["schemas"]
    for name, least in (("ClientCommand", 7), ("ServerFrame", 6), ("AnswerEvent", 13)):
        assert schemas[name]["discriminator"]["propertyName"] == "type"
        assert len(schemas[name]["oneOf"]) >= least
