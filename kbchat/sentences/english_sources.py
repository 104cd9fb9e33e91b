"""English, of sources and schedules."""

from kbchat.sentences.entry import Sentence, sentence

_ASK_OPERATOR = "Ask whoever runs kbchat."

ENGLISH_SOURCES: dict[str, Sentence] = {
    "source_kind_unknown": sentence(
        "There is no such kind of source.", "Choose one of those that are offered."
    ),
    "source_place_incomplete": sentence(
        "Where the source is cannot be read from what was sent.",
        "Check each field, and fill in those that are needed.",
    ),
    "source_folder_outside": sentence(
        "This folder is not open to sources.",
        "Name a whole path below a folder in KBCHAT_SOURCE_ROOTS, or ask whoever runs kbchat to open this one.",
    ),
    "source_origin_not_allowed": sentence(
        "This address is not open to sources.",
        "Name one of an origin in KBCHAT_SOURCE_ORIGINS, or ask whoever runs kbchat to open this one.",
    ),
    "source_address_not_allowed": sentence(
        "The host leads into a network that is not open to sources.",
        "If it should, ask whoever runs kbchat to name its network in KBCHAT_SOURCE_NETWORKS.",
    ),
    "source_folder_missing": sentence(
        "The folder is not there, or cannot be read.",
        "Check that it exists, that it is mounted, and that kbchat's own user may read it.",
    ),
    "source_file_unreadable": sentence(
        "The file could not be read from the source.",
        "Check that kbchat's own user may read it, then try again.",
    ),
    "source_changed_meanwhile": sentence(
        "The file was being written while it was read.", "The next run reads it again."
    ),
    "source_unreachable": sentence(
        "The source does not answer.",
        "Check that it is up and can be reached from the server, then try again.",
    ),
    "source_host_unknown": sentence(
        "No server goes by the name in the address.",
        "Check how the host is written, and that its name can be looked up from the server.",
    ),
    "source_certificate_refused": sentence(
        "The server cannot prove that it is the one in the address: its certificate is not accepted.",
        "Check the host's name and the date of its certificate, or ask whoever runs that server.",
    ),
    "source_wants_sign_in": sentence(
        "The repository is shown to nobody who does not sign in, and kbchat sends no password.",
        "Name a repository that may be read without one, or a copy of it on the server.",
    ),
    "source_repository_missing": sentence(
        "There is no Git repository at this place.", "Check the address, or the folder, of the repository."
    ),
    "source_repository_of_another": sentence(
        "The repository belongs to another user of the server, so Git does not read it.",
        "Let it belong to kbchat's own user, or name its address.",
    ),
    "source_answer_unusable": sentence(
        "The source answered with {status}.",
        "Check the address in a browser.",
        simpler="The source answered with something that cannot be used.",
    ),
    "source_sitemap_unusable": sentence(
        "The sitemap cannot be read.",
        "Check that the address leads to a sitemap.xml, or to an index of them.",
    ),
    "source_branch_missing": sentence(
        "The repository has no such branch, or nothing in it.", "Check the branch's name."
    ),
    "source_git_missing": sentence("Git is not installed on the server.", _ASK_OPERATOR),
    "source_trial_unanswered": sentence(
        "No process that reads sources has looked there in time.",
        "Wait for sources that are running and try again; the page “System” shows whether such a process runs.",
    ),
    "source_too_large": sentence(
        "The source lists more than {most} items.",
        "Make several sources of it, each for a part.",
        simpler="The source lists too many items.",
    ),
    "source_document_closed": sentence(
        "Its document may not be changed on behalf of the source's keeper.",
        "Let him edit the document, or let somebody take the source over who may.",
    ),
    "source_without_keeper": sentence(
        "Nobody stands for this source any more: its keeper may not edit the collection, or has left.",
        "Take it over, then run it again.",
    ),
    "source_without_owner": sentence(
        "This source says who reads what, and its keeper does not own the collection.",
        "Let an owner take it over, then run it again.",
    ),
    "source_credentials_refused": sentence(
        "The server does not accept the access key, or lets it list nothing here.",
        "Check the keys, the bucket, the folder in it and the region, and what the key is allowed.",
    ),
    "source_bucket_missing": sentence(
        "The server has no such bucket.", "Check the bucket's name and the address."
    ),
    "source_listing_unusable": sentence(
        "The server's list of objects cannot be read.",
        "Check that the address is that of an S3 server, then run it again.",
    ),
    "source_secrets_unreadable": sentence(
        "The source's access key can no longer be read: kbchat's own key was changed.",
        "Let an administrator enter the access key anew.",
    ),
    "source_knows_no_readers": sentence(
        "A source of this kind does not know who may read what.", "Let the collection say it."
    ),
    "source_access_missing": sentence(
        "The source does not say who may read what, so all of it is for the collection's owners alone.",
        "Put a file .kbchat-access.toml where the source begins, then run it again.",
    ),
    "source_access_unusable": sentence(
        "The file .kbchat-access.toml cannot be read, so all documents are for the collection's owners alone.",
        "Correct the file as docs/sources.md says, then run the source again.",
    ),
    "source_groups_unknown": sentence(
        "The file .kbchat-access.toml names groups that kbchat does not have: {groups}. What their rules are about is"
        " for the collection's owners alone.",
        "Correct the file or make the groups, then run the source again.",
        simpler="The file .kbchat-access.toml names groups that kbchat does not have.",
    ),
    "source_by_administrators": sentence(
        "Only an administrator who owns the collection says where a source is.", "Ask one of them to add it."
    ),
    "source_name_taken": sentence(
        "The collection has a source named “{name}” already.",
        "Choose another name.",
        simpler="The collection has a source of this name already.",
    ),
    "source_is_running": sentence(
        "A run of this source is under way.", "Wait until it has ended, or cancel it."
    ),
    "source_is_not_running": sentence(
        "This source is not being read any more; there is nothing to cancel.", "Reload to see how it stands."
    ),
    "source_holds_nothing": sentence("No removal waits for a word.", "Read the list again."),
    "source_holds_something_else": sentence(
        "Meanwhile the source was read again, and other documents are gone from it.",
        "Look at the list again, and decide anew.",
    ),
    "schedule_unreadable": sentence(
        "This is no cron expression: five fields for minute, hour, day of the month, month and day of the week.",
        "Choose one of the times offered, or write it like 30 2 * * 1-5.",
    ),
    "schedule_time_zone_unknown": sentence(
        "This time zone is not known.", "Choose one by its name, such as Europe/Berlin."
    ),
    "schedule_never_due": sentence(
        "There is no such day.", "Check the day of the month, the month and the day of the week together."
    ),
}
