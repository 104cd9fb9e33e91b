"""English. Says what is wrong in plain words, then what to do; never blames, never shows a code."""

from kbchat.sentences.english_factors import ENGLISH_FACTORS
from kbchat.sentences.english_files import ENGLISH_FILES
from kbchat.sentences.english_generations import ENGLISH_GENERATIONS
from kbchat.sentences.english_golden import ENGLISH_GOLDEN
from kbchat.sentences.english_people import ASK_OPERATOR, ENGLISH_PEOPLE
from kbchat.sentences.english_retention import ENGLISH_RETENTION
from kbchat.sentences.english_sources import ENGLISH_SOURCES
from kbchat.sentences.entry import Sentence, sentence

ENGLISH_SENTENCES: dict[str, Sentence] = {
    # causes
    "internal": sentence("Something went wrong on the server.", f"Try again. {ASK_OPERATOR}"),
    "not_found": sentence("This does not exist, or you may not see it.", "Check the address."),
    "not_allowed": sentence("You may see this, but not change it.", "Ask an owner for the right to."),
    "invalid": sentence("What was sent cannot be used.", "Check it and send it again."),
    "conflict": sentence("Somebody else changed this at the same moment.", "Reload and try again."),
    "busy": sentence("Too much is going on right now.", "Try again in a moment."),
    "unavailable": sentence(
        "A part of the server does not answer.", f"Try again in a minute. {ASK_OPERATOR}"
    ),
    # requests
    "invalid_request": sentence(
        "A required field is missing: {missing}.",
        "Compare the request with /api/v1/openapi.json.",
        simpler=(
            "The request does not fit here: {fields}.",
            "The request does not fit what is expected here.",
        ),
    ),
    "csrf_failed": sentence(
        "The page could not prove that this request is yours.", "Reload the page and try again."
    ),
    "method_not_allowed": sentence("This address does not do that.", "Compare with /api/v1/openapi.json."),
    "request_too_large": sentence(
        "The request is larger than {limit_megabytes} MB.",
        "Send less at once.",
        simpler="The request is too large.",
    ),
    "too_many_files": sentence(
        "More than {most} files at once.", "Send them in smaller lots.", simpler="Too many files at once."
    ),
    "too_many_fields": sentence(
        "More than {most} fields at once.", "Send fewer.", simpler="Too many fields at once."
    ),
    "range_outside": sentence(
        "The file ends after {size} bytes; nothing of it was asked for.",
        "Ask for a range that begins before its end.",
        simpler="Nothing of the file was asked for.",
    ),
    "host_unknown": sentence(
        "kbchat is not set up for the host name by which it was opened.",
        "Open it by another address, or ask whoever runs kbchat to add this one, with https://, to "
        "KBCHAT_PUBLIC_ORIGINS (see deploy/env.example) and to start it again.",
    ),
    "signed_out": sentence("You are not signed in.", "Sign in and try again."),
    "session_needed": sentence(
        "This is for a person who is signed in, not for an API key.", "Sign in and try again."
    ),
    "unknown_command": sentence("The server does not know this command.", "Reload the page."),
    "too_many_followed": sentence(
        "More than {most} answers are open at once.",
        "Close a few and try again.",
        simpler="Too many answers are open at once.",
    ),
    "too_many_sockets": sentence(
        "kbchat is open in more than {most} windows.",
        "Close a few; then reload this one.",
        simpler="kbchat is open in too many windows.",
    ),
    "too_many_sockets_of_address": sentence(
        "kbchat is open in more than {most} windows at your network address.",
        "Close a few; then reload this one.",
        simpler="kbchat is open in too many windows at your network address.",
    ),
    "rights_changed": sentence("What you may read has changed.", "What is shown here is read again."),
    "frame_too_large": sentence(
        "What was sent is larger than {most} bytes.",
        "Shorten it and send it again.",
        simpler="What was sent is too large.",
    ),
    "too_many_frames": sentence(
        "More than {most} commands in one minute.",
        "Connect again in {wait_seconds} seconds.",
        simpler="Too many commands in one minute.",
    ),
    "socket_idle": sentence("Nothing was heard from this connection for a while.", "Connect again."),
    "too_many_requests": sentence(
        "This API key sent more than {most} requests in one minute.",
        "Go on in {wait_seconds} seconds.",
        simpler="This API key sent too many requests in one minute.",
    ),
    "key_lacks_scope": sentence(
        "This API key is not made for this.",
        "Use a key that may do it, or make one under API keys in your account menu.",
    ),
    "key_is_narrowed": sentence(
        "This API key is for chosen collections and makes no new ones.",
        "Use a key without chosen collections.",
    ),
    "collections_missing": sentence(
        "A key for chosen collections needs at least one.", "Choose one, or all collections."
    ),
    "scope_missing": sentence("An API key has to be for something.", "Choose at least one."),
    "too_many_keys": sentence(
        "You have {most} valid API keys, as many as are allowed.",
        "Revoke one that is no longer used.",
        simpler="You have as many valid API keys as are allowed.",
    ),
    "expires_in_the_past": sentence("The last day has passed already.", "Choose a later one."),
    "expires_too_late": sentence(
        "An API key is valid for {most_days} days at most.",
        "Choose an earlier last day.",
        simpler="An API key cannot be valid for so long.",
    ),
    # documents
    "collection_name_taken": sentence("You have a collection of this name already.", "Choose another name."),
    "too_large": sentence(
        "The file is larger than {limit_megabytes} MB.",
        "Split it, or ask an administrator to raise the limit.",
        simpler="The file is too large.",
    ),
    "name_not_utf8": sentence(
        "The file's name is not in UTF-8.", "Rename the file, or its folder, and import it again."
    ),
    "path_too_long": sentence(
        "The file's path is longer than {most} characters.",
        "Shorten the names of its folders and import it again.",
        simpler="The file's path is too long.",
    ),
    "encoding_unknown": sentence(
        "There is no encoding called “{encoding}”.",
        "Choose one such as utf-8 or gb18030.",
        simpler="This encoding is not known.",
    ),
    "model_unavailable": sentence(
        "The model that indexes text does not answer.", "Try again later; the file is kept."
    ),
    "storage_full": sentence(
        "There is no room left where files are kept, so this one was not taken.",
        "Send it again later, and tell the operator: the page “System” shows the disk.",
    ),
    "database_full": sentence(
        "There is no room left on the database's disk, so nothing was changed.",
        "Try again later, and tell the operator. What waits goes on by itself as soon as there is room.",
    ),
    "blob_missing": sentence(
        "The original file is missing from storage.", "Upload it again, and tell whoever looks after kbchat."
    ),
    "malware_found": sentence(
        "The malware scanner found {malware} in this file, so it was not read.",
        "Delete it here, and have the computer that it came from looked at. If the scanner was wrong, try again when it"
        " has been corrected.",
        simpler="The malware scanner found something in this file, so it was not read.",
    ),
    "scan_incomplete": sentence(
        "The malware scanner could not look through all of this file, so it was not read.",
        "Upload it in smaller parts, or ask the operator to raise the scanner's limits.",
    ),
    "scan_missing": sentence(
        "The malware scanner did not let this file through before, and there is none now, so it was not read.",
        "Ask the operator to have files scanned again, then try once more.",
    ),
    "scan_gave_up": sentence(
        "The malware scanner was interrupted by this file again and again, so it was not read.",
        "Upload another copy of it. " + ASK_OPERATOR,
    ),
    "gave_up": sentence(
        "Reading the file was tried several times and was interrupted each time.",
        f"Try again. {ASK_OPERATOR}",
    ),
    "encoding_fixed": sentence(
        "This kind of file says by itself in which encoding it is.",
        "If its text looks wrong, save it anew and upload it as a new version.",
    ),
    "encoding_same": sentence("The text is read in this encoding already.", "Choose another one."),
    "still_reading": sentence("This file is still being read.", "Wait until it is ready, then choose."),
    "already_there": sentence(
        "This very file is in the library already: “{title}” in {collection}.",
        "Use that document, or send it once more if there shall be two.",
        simpler="This very file is in the library already.",
    ),
    "run_cancelled": Sentence(
        (
            "Reading version {version} was cancelled; what was in force before still is.",
            "Reading this file was cancelled.",
        ),
        (
            "Try again, or replace version {version} by another file.",
            "Try again, or delete the document.",
        ),
    ),
    "run_ended": sentence(
        "This file is not being read any more; there is nothing to cancel.", "Reload to see how it stands."
    ),
    "nothing_to_retry": sentence(
        "This file has not failed; there is nothing to try again.", "Reload to see how it stands."
    ),
    "same_as_current": sentence(
        "This is the very file that the document has now.", "Choose the file that is newer."
    ),
    "expires_before_effective": sentence(
        "The document would expire before it takes effect.", "Choose a later last day."
    ),
    # answers and search
    "question_empty": sentence("The question is empty.", "Write a question."),
    "question_too_long": sentence(
        "The question is longer than {most} characters.",
        "Shorten it and ask again.",
        simpler="The question is too long.",
    ),
    "message_id_taken": sentence(
        "Another question was sent with the same client_message_id.", "Make a new one for each question."
    ),
    "title_empty": sentence("The title is empty.", "Write a title."),
    "title_too_long": sentence("The title is too long.", "Shorten it."),
    "nothing_to_share": sentence(
        "No question here has an answer yet.", "Wait for the answer, then share it."
    ),
    "share_days": sentence(
        "A link lasts from one day to {most} days.",
        "Choose a number in between.",
        simpler="A link lasts some days.",
    ),
    "export_sources": sentence("Sources"),
    "export_page": sentence("page {page}", simpler="page"),
    "export_masked": sentence(
        "The sources of this answer are no longer available to you, so it is left out."
    ),
    "export_incomplete": sentence("This answer is not complete."),
    "scope_too_long": sentence(
        "The search is limited to too many collections and documents.", "Choose fewer, or all."
    ),
    "conversation_temporary": sentence(
        "A temporary chat is kept and handed over to nobody.",
        "Ask again in a new chat that is not temporary.",
    ),
    "temporary_held": sentence(
        "Your conversations have to be kept at present, so no chat of yours can be temporary.",
        "Ask in a chat that is kept, or ask an administrator why.",
    ),
    "scope_days_reversed": sentence(
        "The last day of the search is before its first.",
        "Choose a later last day, or leave one of them empty.",
    ),
    "search_timed_out": sentence("Searching took too long.", "Try again, or search for something narrower."),
    "search_model_unavailable": sentence(
        "The model that reads questions does not answer.", f"Try again in a minute. {ASK_OPERATOR}"
    ),
    "span_outside_text": sentence("This place is not in the text.", "Check the address."),
    "fusion_unusable": sentence(
        "These weights cannot be used.",
        "Take a file that `manage.py tune_fusion` wrote for the same encoder.",
    ),
    "feedback_too_long": sentence(
        "A comment has at most {most} characters.", "Shorten it.", simpler="The comment is too long."
    ),
    "feedback_too_early": sentence(
        "The answer is still being written.", "Wait for its end, then say what you think of it."
    ),
    "gap_not_refused": sentence(
        "Only a question that was not answered can be reported as a gap.",
        "If the answer is wrong, say so with the thumb below it.",
    ),
    "gap_comment_too_long": sentence(
        "What you add has at most {most} characters.", "Shorten it.", simpler="What you add is too long."
    ),
    "gap_assignee_unfit": sentence(
        "This person can add no document where the question was asked.",
        "Choose somebody from the list, or make the person an editor of the collection first.",
    ),
    "glossary_names_missing": sentence(
        "An entry needs at least two different names of the same thing.", "Write one name on each line."
    ),
    "glossary_names_too_many": sentence(
        "An entry has at most {most} names of at most {most_characters} characters.",
        "Leave out what nobody says.",
        simpler="An entry has too many names, or one that is too long.",
    ),
    "glossary_name_unusable": sentence(
        "A name without a letter or a digit cannot be searched for.", "Write the name as people say it."
    ),
    "too_many_glossary_entries": sentence(
        "The glossary has {most} entries, as many as it may have.",
        "Remove entries that nobody needs.",
        simpler="The glossary has as many entries as it may have.",
    ),
    "owners_only": sentence(
        "How a search was ranked is told to owners, for collections of theirs alone.",
        "Choose collections that you own.",
    ),
    "dataset_unreadable": sentence(
        "The set of documents and questions cannot be read.",
        "It needs corpus.jsonl, queries.jsonl and qrels/SPLIT.tsv in BEIR's layout.",
    ),
    "questions_unreadable": sentence(
        "The file of questions cannot be read.", "Check that each line is one JSON object."
    ),
    "too_many_turns": sentence(
        "You have {most} questions being answered, as many as are allowed at once.",
        "Wait for one to finish, or stop one.",
        simpler="You have as many questions being answered as are allowed at once.",
    ),
    "tokens_used_up": sentence(
        "Your questions have used up what the language model may read and write for you in one day.",
        "Ask again in {wait_hours} hours at most: the count starts anew at midnight UTC. Searching goes on.",
    ),
    "no_active_generation": sentence(
        "No document has been indexed yet.", "Upload one, and ask when it is ready."
    ),
    "encoder_changed": sentence(
        "The model that this index was made with was changed.",
        "An administrator has to put the former model back where it was, or build another index (page: Search index).",
    ),
    **ENGLISH_FACTORS,
    **ENGLISH_FILES,
    **ENGLISH_GENERATIONS,
    **ENGLISH_GOLDEN,
    **ENGLISH_PEOPLE,
    **ENGLISH_RETENTION,
    **ENGLISH_SOURCES,
}
