"""English, of people and their rights."""

from kbchat.sentences.entry import Sentence, sentence

ASK_OPERATOR = "If it happens again, tell whoever looks after kbchat."

ENGLISH_PEOPLE: dict[str, Sentence] = {
    # people
    "wrong_credentials": sentence("E-mail or password is not right.", "Check both and try again."),
    "too_many_attempts": sentence(
        "Too many failed sign-ins.",
        "Wait {wait_minutes} minutes, then try again.",
    ),
    "sso_refused": sentence(
        "The sign-in could not be verified, so you were not signed in.",
        f"Try again from the sign-in page. {ASK_OPERATOR}",
    ),
    "sso_cancelled": sentence("The sign-in was cancelled.", "Try again, or sign in with a password."),
    "sso_unavailable": sentence(
        "The company’s sign-in does not answer.", f"Try again in a minute. {ASK_OPERATOR}"
    ),
    "no_account": sentence(
        "The company’s sign-in knows you, but you have no account here.", "Ask an administrator for one."
    ),
    "auditors_only": sentence(
        "The audit trail is for auditors.", "Ask whoever looks after kbchat to make you one."
    ),
    "not_active": sentence("This account is not active.", "Ask an administrator."),
    "email_taken": sentence("Somebody with this e-mail exists already.", "Use another e-mail."),
    "email_invalid": sentence("This is not an e-mail address.", "Check it for a typing error."),
    "name_missing": sentence("A name is missing.", "Enter a name."),
    "name_too_long": sentence("The name is too long.", "Shorten it."),
    "password_too_short": sentence(
        "The password is too short.", "Take at least {least} characters; a few words are best."
    ),
    "setup_link_invalid": sentence(
        "This setup link is used up or was replaced by a newer one.",
        "Open the newest link, or make one with `manage.py make_setup_link`.",
    ),
    "link_invalid": sentence(
        "This link is used up, too old, or was replaced by a newer one.",
        "Ask for a new one: “Forgot password?” on the sign-in page, or an administrator.",
    ),
    "too_many_resets": sentence(
        "Too many links were asked for.", "Wait {wait_minutes} minutes, then try again."
    ),
    "last_administrator": sentence(
        "You are the only administrator.", "Make somebody else an administrator first."
    ),
    "only_administrator": sentence(
        "This is the only administrator of kbchat.", "Make somebody else an administrator there first."
    ),
    "kept_by_directory": sentence("This is kept by your company's directory.", "Change it there."),
    "directory_name_taken": sentence(
        "Somebody with this user name or external id exists already.", "Use the one that exists."
    ),
    "directory_name_invalid": sentence(
        "The user name is missing or too long.", "Send one of at most 254 characters."
    ),
    "group_name_taken": sentence("A group of this name exists already.", "Choose another name."),
    "group_circle": sentence(
        "The group would include itself, perhaps by way of others.", "Choose another group."
    ),
    "group_closes_sections": sentence(
        "Something is closed to this group; without it, its members could read that.",
        "Ask the owners of the documents to open it, or to close it to another group, first.",
    ),
    "group_is_last_owner": sentence(
        "A collection would be left without an owner.", "Ask its owners to name another one first."
    ),
    "member_unknown": sentence("One of the members does not exist here.", "Bring the members first."),
    "principal_unknown": sentence("This person or group does not exist.", "Choose another."),
    # why a person may or may not read a passage
    "person_not_active": sentence("The account is not active."),
    "version_not_in_force": sentence("This version is not in force today, so nothing is answered from it."),
    "collection_denied": sentence(
        "The collection is denied to {through}.", simpler="The collection is denied."
    ),
    "document_denied": sentence("The document is denied to {through}.", simpler="The document is denied."),
    "section_closed": sentence(
        "The section “{heading}” is closed to {through}.",
        simpler=("The section “{heading}” is closed.", "A section around it is closed."),
    ),
    "version_unconfirmed": sentence(
        "This version lacks a heading that is closed to somebody. It is for editors only until one of them confirms it."
    ),
    "collection_owned": sentence(
        "Owner of the collection, through {through}.", simpler="Owner of the collection."
    ),
    "collection_granted": sentence(
        "The collection is shared with {through}.",
        simpler="The collection is shared with this person or with everyone.",
    ),
    "document_granted": sentence(
        "The document is shared with {through}.",
        simpler="The document is shared with this person or with everyone.",
    ),
    "own_list": sentence("The document has its own list: sharing the collection does not reach it."),
    "no_grant": sentence("Nothing is shared with this person here."),
    "closed_to_yourself": sentence(
        "This section would be, or is, closed to you as well.",
        "Choose a group that you are not in, or ask another owner.",
    ),
    "last_owner": sentence("This is the collection's only owner.", "Make somebody else an owner first."),
}
