"""English, of index generations."""

from kbchat.sentences.entry import Sentence, sentence

ENGLISH_GENERATIONS: dict[str, Sentence] = {
    "build_under_way": sentence(
        "Another index is being built already.", "Wait until it is built, or cancel it."
    ),
    "encoder_not_offered": sentence(
        "No index can be built by this model from here.",
        "Choose one of the list. Whoever runs kbchat adds models with KBCHAT_OTHER_EMBEDDING_MODELS.",
    ),
    "build_ended": sentence("This build has ended.", "Reload the page to see how it ended."),
    "generation_moved": sentence(
        "Somebody else has changed meanwhile which index answers.", "Reload the page and look again."
    ),
    "generation_incomplete": sentence(
        "This index does not hold every passage of the library yet.",
        "Wait until it has caught up, then try again.",
    ),
    "generation_worse": sentence(
        "This index did not pass its checks ({reasons}).",
        "Look at what it loses; to put it in force all the same, give a reason.",
        simpler="This index did not pass its checks.",
    ),
    "generation_answers": sentence(
        "Questions are answered from this index.",
        "Choose another one; to drop this one, put another one in force first.",
    ),
}
