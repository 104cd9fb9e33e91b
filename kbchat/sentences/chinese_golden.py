"""简体中文：基准问题。"""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_GOLDEN: dict[str, Sentence] = {
    "golden_place_elsewhere": sentence(
        "有一处标记的段落不在该问题的搜索范围内。", "请扩大搜索范围以包含它所在的文档，或取消该标记。"
    ),
    "golden_places_too_many": sentence(
        "一个基准问题最多标记 {most} 处段落。", "请只标记最能回答问题的段落。", simpler="标记的段落太多。"
    ),
    "golden_words_too_many": sentence(
        "一个基准问题最多 {most} 条预期词句，每条最多 {most_characters} 个字符。",
        "请删去回答中不必出现的内容。",
        simpler="预期词句太多，或有一条太长。",
    ),
    "too_many_golden_questions": sentence(
        "已有 {most} 个基准问题，达到上限。", "请删除不再提供新信息的问题。", simpler="基准问题已达上限。"
    ),
    "gate_unreadable": sentence(
        "无法读取门槛 {gate}。",
        "请写指标、<= 或 >= 和一个数，例如 false_answers<=.15；命令的 --help 列出了全部指标。",
        simpler="无法读取门槛。",
    ),
    "abstention_unusable": sentence(
        "这些阈值无法使用。", "请使用 `manage.py tune_abstention` 为同一编码器写出的文件。"
    ),
    "no_golden_questions": sentence("没有您可以运行的基准问题。", "请先搜索，再把它保存为基准问题。"),
    "too_few_golden_questions": sentence(
        "基准问题太少，无法拟合：同一语言至少需要 {least} 个带有标记段落的问题。",
        "请把更多搜索保存为基准问题。",
        simpler="基准问题太少，无法拟合。",
    ),
    "upkeep_is_running": sentence("此项正在进行。", "请等它结束。"),
    "golden_settings_changed": sentence(
        "运行期间搜索设置有变，前后的数据无法放在一起比较。", "请重新开始一次运行。"
    ),
}
