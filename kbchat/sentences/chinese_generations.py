"""Chinese, of index generations."""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_GENERATIONS: dict[str, Sentence] = {
    "build_under_way": sentence("已有一个索引正在建立。", "请等它建好，或先取消它。"),
    "encoder_not_offered": sentence(
        "不能在此用这个模型另建索引。",
        "请从列表中选择。运维人员可用 KBCHAT_OTHER_EMBEDDING_MODELS 添加模型。",
    ),
    "build_ended": sentence("这次建立已经结束。", "请刷新页面查看结果。"),
    "generation_moved": sentence("在此期间，别人已更换了用于回答的索引。", "请刷新页面后重新查看。"),
    "generation_incomplete": sentence("该索引尚未包含文档库的全部段落。", "请等它补齐后再试。"),
    "generation_worse": sentence(
        "该索引未通过检查（{reasons}）。",
        "请查看它会丢失哪些结果；若仍要启用，请填写理由。",
        simpler="该索引未通过检查。",
    ),
    "generation_answers": sentence(
        "当前正用该索引回答问题。", "请选择另一个索引；若要删除它，请先启用另一个。"
    ),
    "incomplete": sentence("该索引缺少文档库的部分段落。", "请等它补齐。"),
    "strays": sentence("该索引有词项没有对应段落。", "请另建一个索引。"),
    "misplaced": sentence("该索引有段落归在了其他段落的权限之下。", "请另建一个索引。"),
    "other_confidence": sentence("该索引对答案的把握与使用中的索引不同。", "启用前请查看它能找到什么。"),
    "other_vectors": sentence("该索引的向量与其模型不符。", "请用它所写的模型另建一个索引。"),
    "finds_less": sentence("该索引找到的比使用中的索引少。", "启用前请查看它会丢失什么。"),
    "not_compared": sentence("该索引未与使用中的索引比较。", "请在后者的模型可用时重新建立。"),
    "compared_with_another": sentence("与该索引比较的不是使用中的索引。", "请重新建立。"),
    "graph_not_probed": sentence("它的向量图索引尚未建立或检查。", "请等几分钟。"),
    "graph_misses": sentence("它的向量图索引漏掉太多。", "请用 `manage.py index_vectors --anew` 重建。"),
    "golden_questions_not_asked": sentence(
        "尚未用基准问题比较两个索引。", "请运行 `manage.py generation verify`。"
    ),
    "golden_questions_lost": sentence("该索引丢失基准问题。", "启用前请查看这些问题。"),
    "unchecked": sentence("该索引未经检查。", "请重新建立。"),
}
