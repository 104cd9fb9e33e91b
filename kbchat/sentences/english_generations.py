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
    "incomplete": sentence("Passages of the library are missing in it.", "Wait until it has caught up."),
    "strays": sentence("It holds terms without a passage.", "Build another one."),
    "misplaced": sentence("Some of its passages stand under the rights of others.", "Build another one."),
    "other_confidence": sentence(
        "It believes in other answers than the index in force.",
        "Look at what it finds before it is put in force.",
    ),
    "other_vectors": sentence(
        "Its vectors are not what its model makes.", "Build another one, with the model that it names."
    ),
    "finds_less": sentence(
        "It finds less than the index in force.", "Look at what it loses before it is put in force."
    ),
    "not_compared": sentence(
        "It was not compared with the index in force.",
        "Build it again when the model of that one can be opened.",
    ),
    "compared_with_another": sentence(
        "It was compared with another index than the one in force.", "Build it again."
    ),
    "graph_not_probed": sentence(
        "The graph over its vectors was not made or looked at yet.", "Wait some minutes."
    ),
    "graph_misses": sentence(
        "The graph over its vectors misses too much.", "Make it anew by `manage.py index_vectors --anew`."
    ),
    "golden_questions_not_asked": sentence(
        "The golden questions were not asked of both yet.", "Ask them by `manage.py generation verify`."
    ),
    "golden_questions_lost": sentence(
        "It loses golden questions.", "Look at them before it is put in force."
    ),
    "unchecked": sentence("It was not checked.", "Build it again."),
}
