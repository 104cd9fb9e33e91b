"""People and groups as SCIM shows them (RFC 7643): of the core schemas the attributes that kbchat keeps, no more.

What a directory sends beside them (addresses, departments, passwords) is left aside.
"""

from typing import Annotated, Any, Final
from uuid import UUID

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Email,
    ETag,
    Filter,
    GroupMember,
    Meta,
    Name,
    Patch,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

from kbchat.accounts.models import DirectoryPerson, Group, User
from kbchat.accounts.provisioned_groups import DirectoryGroup, included_ids, person_ids
from kbchat.accounts.provisioned_people import DirectoryProfile
from kbchat.composition import environment
from kbchat.core.errors import Invalid
from kbchat.core.typed_text import storable
from kbchat.sentences import CHINESE
from kbchat.web.language import asked_language

MOST_RESULTS: Final = 200


class ScimUser(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    preferred_language: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None


class ScimGroup(Resource[Any]):
    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    members: list[GroupMember] | None = None


PROVIDER: Final = ScimProvider(
    models=[ScimUser, ScimGroup],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=False),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Bearer token",
                description="The token that `manage.py connect_directory` printed",
                primary=True,
            )
        ],
    ),
    # As Entra ID sends: its own attributes, members to remove as a value, e-mails that are not there yet.
    policy=ScimPolicy(
        unknown=ScimPolicy.Unknown.ignore,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    ),
)


def shown_user(person: User) -> ScimUser:
    """Whom the directory has not brought is known by his e-mail."""
    known = _known(person)
    formatted = Name(
        formatted=person.name, given_name=known.given_name or None, family_name=known.family_name or None
    )
    return ScimUser(
        id=str(person.pk),
        external_id=known.external_id or None,
        user_name=known.user_name,
        name=formatted,
        display_name=person.name,
        preferred_language="zh-CN" if person.language == CHINESE else "en",
        active=person.is_active,
        emails=[Email(value=person.email, type="work", primary=True)],
        meta=Meta(
            resource_type="User", created=person.joined_at, location=address_of("Users", str(person.pk))
        ),
    )


def without_shown_name(user: ScimUser) -> ScimUser:
    """For a change: whether it says how somebody is called as a whole is told from whether it is there afterwards."""
    name = (user.name or Name()).model_copy(update={"formatted": None})
    return user.model_copy(update={"display_name": None, "name": name})


def told_profile(user: ScimUser, before: ScimUser | None = None) -> DirectoryProfile:
    """What the directory says, where it was `before`; `user` is then what is left of that without the shown name, and
    what was said anew. Raises Invalid("email_invalid") without any address."""
    name = user.name or Name()
    return DirectoryProfile(
        user_name=_text(user.user_name).strip(),
        email=_text(_email(user, before)),
        name=_text(user.display_name or name.formatted or _spoken(name, before) or user.user_name)[:200],
        language=asked_language(user.preferred_language or "") or None,
        is_active=user.active,
        external_id=_text(user.external_id),
        given_name=_text(name.given_name),
        family_name=_text(name.family_name),
    )


def shown_group(group: Group, *, with_members: bool = True) -> ScimGroup:
    members = []
    if with_members:
        members = [_member(person, "User") for person in sorted(person_ids(group))]
        members += [_member(included, "Group") for included in sorted(included_ids(group))]
    return ScimGroup(
        id=str(group.pk),
        external_id=group.external_id or None,
        display_name=group.name,
        members=members or None,
        meta=Meta(resource_type="Group", location=address_of("Groups", str(group.pk))),
    )


def told_group(group: ScimGroup) -> DirectoryGroup:
    """Raises Invalid("member_unknown") for a member that has no id of ours."""
    try:
        members = frozenset(UUID(member.value or "") for member in group.members or [])
    except ValueError as error:
        raise Invalid("member_unknown") from error
    return DirectoryGroup(
        name=_text(group.display_name), external_id=_text(group.external_id), members=members
    )


def address_of(*path: str) -> str:
    return "/".join((environment().origins[0], "scim/v2", *path))


def _known(person: User) -> DirectoryPerson:
    try:
        return person.directory
    except DirectoryPerson.DoesNotExist:
        return DirectoryPerson(user_name=person.email)


def _member(member_id: UUID, kind: str) -> GroupMember:
    return GroupMember(value=str(member_id), type=kind)


def _spoken(name: Name, before: ScimUser | None) -> str | None:
    """As its parts say. The name `before` stays where they are the same, or where this is the first one of them."""
    parts = (name.given_name, name.family_name)
    if before is not None:
        former = before.name or Name()
        known = (former.given_name, former.family_name)
        if parts == known or not (any(known) or all(parts)):
            return before.display_name
    return " ".join(part for part in parts if part)


def _email(user: ScimUser, before: ScimUser | None) -> str | None:
    """The primary one, else that of work, else any; where none is told apart from the user name, the user name."""
    told = sorted(user.emails or [], key=lambda each: (not each.primary, each.type != "work"))
    email = next((each.value for each in told if each.value), None)
    if before is None or before.user_name == user.user_name:
        return email or user.user_name
    followed_the_name = bool(email) and _text(email).casefold() == _text(before.user_name).casefold()
    return user.user_name if followed_the_name or not email else email


def _text(told: str | None) -> str:
    return storable(told or "")
