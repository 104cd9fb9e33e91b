"""English, of what is kept, held and erased."""

from kbchat.sentences.entry import Sentence, sentence

ENGLISH_RETENTION: dict[str, Sentence] = {
    "conversations_held": sentence(
        "Your conversations are kept for a legal matter and cannot be deleted for now.",
        "An administrator can tell you more, and lifts the hold when the matter is over.",
    ),
    "already_held": sentence(
        "This is held already, or was purged a moment ago.", "Reload the list of holds."
    ),
    "hold_reason_missing": sentence("A hold needs a reason.", "Say in a few words what it is for."),
    "hold_reason_too_long": sentence(
        "The reason is longer than {most} characters.",
        "Shorten it; a file number will do.",
        simpler="The reason is too long.",
    ),
    "days_unusable": sentence(
        "The number of days has to be between {least} and {most}.",
        "Choose such a number, or none to keep it for good.",
        simpler="The number of days cannot be used.",
    ),
    "person_held": sentence(
        "This person's conversations are kept by a legal hold.", "Lift the hold first, then erase the person."
    ),
    "erases_himself": sentence("You cannot erase yourself.", "Ask another administrator."),
    "person_is_last_owner": sentence(
        "This person is the last owner of a collection.", "Make somebody else its owner first."
    ),
}
