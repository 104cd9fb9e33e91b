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
}
