"""简体中文：保留、法务保全与清除。"""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_RETENTION: dict[str, Sentence] = {
    "conversations_held": sentence(
        "您的对话因法律事务须予保留，暂时不能删除。", "详情请咨询管理员；事务结束后由管理员解除保全。"
    ),
    "already_held": sentence("此项已被保全，或刚刚已被清除。", "请刷新保全列表。"),
    "hold_reason_missing": sentence("保全需要理由。", "请简要说明用途。"),
    "hold_reason_too_long": sentence(
        "理由超过 {most} 个字符。", "请缩短，写案卷编号即可。", simpler="理由太长。"
    ),
    "days_unusable": sentence(
        "天数须在 {least} 到 {most} 之间。",
        "请填写该范围内的天数；若要一直保留，请留空。",
        simpler="该天数无法使用。",
    ),
    "person_held": sentence("此人的对话因法务保全须予保留。", "请先解除保全，再清除此人的资料。"),
    "erases_himself": sentence("不能清除自己的资料。", "请由另一位管理员操作。"),
    "person_is_last_owner": sentence(
        "此人是某个文档集的最后一位所有者。", "请先为该文档集指定另一位所有者。"
    ),
}
