"""English, of golden questions."""

from kbchat.sentences.entry import Sentence, sentence

ENGLISH_GOLDEN: dict[str, Sentence] = {
    "golden_place_elsewhere": sentence(
        "A marked passage stands in a document that the question is not asked of.",
        "Widen what is searched until the document is in it, or take the mark away.",
    ),
    "golden_places_too_many": sentence(
        "A golden question has at most {most} marked passages.",
        "Mark those that answer it best.",
        simpler="Too many passages are marked.",
    ),
    "golden_words_too_many": sentence(
        "A golden question has at most {most} expected words or phrases of at most {most_characters} characters.",
        "Leave out what an answer need not say.",
        simpler="Too many words are expected, or one entry is too long.",
    ),
    "too_many_golden_questions": sentence(
        "There are {most} golden questions, as many as there may be.",
        "Remove those that tell nothing new.",
        simpler="There are as many golden questions as there may be.",
    ),
    "gate_unreadable": sentence(
        "The bar {gate} cannot be read.",
        "Write a figure, <= or >=, and a number, such as false_answers<=.15; the command's --help names the figures.",
        simpler="The bar cannot be read.",
    ),
    "abstention_unusable": sentence(
        "These thresholds cannot be used.",
        "Take a file that `manage.py tune_abstention` wrote for the same encoder.",
    ),
    "no_golden_questions": sentence(
        "There is no golden question that you may run.", "Search for something, and save it as one."
    ),
    "too_few_golden_questions": sentence(
        "Nothing can be fitted on so few golden questions: it takes {least} of a language with marked passages.",
        "Save more searches as golden questions.",
        simpler="Nothing can be fitted on so few golden questions.",
    ),
    "upkeep_is_running": sentence("This is under way already.", "Wait until it has ended."),
    "golden_settings_changed": sentence(
        "Search was changed while this run was under way, so its figures would not belong together.",
        "Start a new run.",
    ),
}
