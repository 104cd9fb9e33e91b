"""简体中文。先用平实的话说明问题，再说怎么办；不责怪，不显示代码。"""

from kbchat.sentences.chinese_factors import CHINESE_FACTORS
from kbchat.sentences.chinese_files import CHINESE_FILES
from kbchat.sentences.chinese_generations import CHINESE_GENERATIONS
from kbchat.sentences.chinese_golden import CHINESE_GOLDEN
from kbchat.sentences.chinese_people import CHINESE_PEOPLE
from kbchat.sentences.chinese_retention import CHINESE_RETENTION
from kbchat.sentences.chinese_sources import CHINESE_SOURCES
from kbchat.sentences.entry import Sentence, sentence

_ASK_OPERATOR = "如果再次出现，请联系 kbchat 的维护人员。"

CHINESE_SENTENCES: dict[str, Sentence] = {
    # 原因
    "internal": sentence("服务器出了问题。", f"请重试。{_ASK_OPERATOR}"),
    "not_found": sentence("此内容不存在，或您无权查看。", "请检查网址。"),
    "not_allowed": sentence("您可以查看，但不能更改。", "请向所有者申请权限。"),
    "invalid": sentence("发送的内容无法使用。", "请检查后重新发送。"),
    "conflict": sentence("其他人刚刚同时更改了此内容。", "请刷新后重试。"),
    "busy": sentence("当前请求过多。", "请稍后重试。"),
    "unavailable": sentence("服务器的一个组件没有响应。", f"请一分钟后重试。{_ASK_OPERATOR}"),
    # 请求
    "invalid_request": sentence(
        "缺少必填字段：{missing}。",
        "请对照 /api/v1/openapi.json。",
        simpler=("请求中有不符合要求的内容：{fields}。", "请求不符合此处的要求。"),
    ),
    "csrf_failed": sentence("页面无法证明此请求由您发出。", "请刷新页面后重试。"),
    "method_not_allowed": sentence("此地址不支持该操作。", "请对照 /api/v1/openapi.json。"),
    "request_too_large": sentence("请求超过 {limit_megabytes} MB。", "请分批发送。", simpler="请求过大。"),
    "too_many_files": sentence(
        "一次发送的文件超过 {most} 个。", "请分批发送。", simpler="一次发送的文件过多。"
    ),
    "too_many_fields": sentence(
        "一次发送的字段超过 {most} 个。", "请减少字段。", simpler="一次发送的字段过多。"
    ),
    "range_outside": sentence(
        "文件只有 {size} 字节，所请求的范围在其之外。",
        "请从文件末尾之前开始请求。",
        simpler="所请求的范围在文件之外。",
    ),
    "host_unknown": sentence(
        "kbchat 未设置为以此主机名打开。",
        "请改用其他地址打开，或请 kbchat 的维护人员将此地址（以 https:// 开头）加入 KBCHAT_PUBLIC_ORIGINS"
        "（见 deploy/env.example），然后重新启动。",
    ),
    "signed_out": sentence("您尚未登录。", "请登录后重试。"),
    "session_needed": sentence("此操作须由已登录的本人进行，不能使用 API 密钥。", "请登录后重试。"),
    "unknown_command": sentence("服务器不认识此指令。", "请刷新页面。"),
    "too_many_followed": sentence(
        "同时打开的回答超过 {most} 个。", "请关闭一些后重试。", simpler="同时打开的回答过多。"
    ),
    "too_many_sockets": sentence(
        "kbchat 打开的窗口超过 {most} 个。",
        "请关闭一些，然后刷新此窗口。",
        simpler="kbchat 打开的窗口过多。",
    ),
    "too_many_sockets_of_address": sentence(
        "您所在的网络地址打开的 kbchat 窗口超过 {most} 个。",
        "请关闭一些，然后刷新此窗口。",
        simpler="您所在的网络地址打开的 kbchat 窗口过多。",
    ),
    "rights_changed": sentence("您的阅读权限已变更。", "页面内容将重新读取。"),
    "frame_too_large": sentence(
        "发送的内容超过 {most} 字节。", "请缩短后重新发送。", simpler="发送的内容过长。"
    ),
    "too_many_frames": sentence(
        "一分钟内的指令超过 {most} 条。", "请在 {wait_seconds} 秒后重新连接。", simpler="一分钟内的指令过多。"
    ),
    "socket_idle": sentence("此连接已有一段时间没有任何消息。", "请重新连接。"),
    "too_many_requests": sentence(
        "此 API 密钥一分钟内的请求超过 {most} 次。",
        "请在 {wait_seconds} 秒后继续。",
        simpler="此 API 密钥一分钟内的请求过多。",
    ),
    "key_lacks_scope": sentence(
        "此 API 密钥没有这项权限。", "请使用有此权限的密钥，或在账户菜单的“API 密钥”中新建一个。"
    ),
    "key_is_narrowed": sentence("此 API 密钥仅限选定的文档集，不能新建文档集。", "请使用不限文档集的密钥。"),
    "collections_missing": sentence("限定文档集的密钥至少要有一个文档集。", "请选择一个，或选择所有文档集。"),
    "scope_missing": sentence("API 密钥至少要有一项权限。", "请至少选择一项。"),
    "too_many_keys": sentence(
        "您有 {most} 个有效的 API 密钥，已达上限。",
        "请吊销一个不再使用的密钥。",
        simpler="您有效的 API 密钥数量已达上限。",
    ),
    "expires_in_the_past": sentence("到期日已经过去。", "请选择更晚的日期。"),
    "expires_too_late": sentence(
        "API 密钥的有效期最长为 {most_days} 天。",
        "请选择更早的到期日。",
        simpler="API 密钥的有效期不能这么长。",
    ),
    # 文档
    "collection_name_taken": sentence("您已有同名的文档集。", "请换一个名称。"),
    "too_large": sentence(
        "文件超过 {limit_megabytes} MB。",
        "请拆分文件，或请管理员提高上限。",
        simpler="文件过大。",
    ),
    "name_not_utf8": sentence("文件名不是 UTF-8 编码。", "请重命名文件或其文件夹，然后重新导入。"),
    "path_too_long": sentence(
        "文件路径超过 {most} 个字符。", "请缩短文件夹名称，然后重新导入。", simpler="文件路径过长。"
    ),
    "encoding_unknown": sentence(
        "没有名为“{encoding}”的编码。",
        "请选择 utf-8 或 gb18030 等编码。",
        simpler="不认识此编码。",
    ),
    "model_unavailable": sentence("用于建立索引的模型没有响应。", "请稍后重试；文件已保留。"),
    "storage_full": sentence(
        "存放文件的磁盘已满，此文件未被接收。", "请稍后重新发送，并告知运维人员：“系统”页面显示磁盘状况。"
    ),
    "database_full": sentence(
        "数据库所在的磁盘已满，没有任何内容被更改。",
        "请稍后重试，并告知运维人员。一有空间，等待中的工作会自动继续。",
    ),
    "blob_missing": sentence("存储中找不到原始文件。", "请重新上传，并联系 kbchat 的维护人员。"),
    "malware_found": sentence(
        "恶意软件扫描在此文件中发现 {malware}，因此未读取。",
        "请在此处删除该文件，并检查其来源电脑。如属误报，请在扫描程序更正后重试。",
        simpler="恶意软件扫描在此文件中发现了问题，因此未读取。",
    ),
    "scan_incomplete": sentence(
        "恶意软件扫描无法查完此文件，因此未读取。", "请拆分后上传，或请运维人员提高扫描上限。"
    ),
    "scan_missing": sentence(
        "此文件曾被恶意软件扫描拒绝，而现在没有扫描程序，因此未读取。", "请运维人员恢复扫描后再重试。"
    ),
    "scan_gave_up": sentence("扫描此文件时多次被中断，因此未读取。", f"请上传另一份副本。{_ASK_OPERATOR}"),
    "gave_up": sentence("多次尝试读取文件，每次都被中断。", f"请重试。{_ASK_OPERATOR}"),
    "encoding_fixed": sentence("这类文件自带编码信息。", "如果文字显示有误，请重新保存后作为新版本上传。"),
    "encoding_same": sentence("文本目前就是按此编码读取的。", "请选择其他编码。"),
    "still_reading": sentence("此文件仍在读取中。", "请等它可用后再选择。"),
    "already_there": sentence(
        "文档库中已有完全相同的文件：{collection}中的“{title}”。",
        "请使用该文档；如果确实需要两份，请再次上传。",
        simpler="文档库中已有完全相同的文件。",
    ),
    "run_cancelled": Sentence(
        ("第 {version} 版的读取已取消；此前生效的版本仍然有效。", "此文件的读取已取消。"),
        ("请重试，或用其他文件替换第 {version} 版。", "请重试，或删除该文档。"),
    ),
    "run_ended": sentence("此文件已不在读取中，没有可取消的内容。", "请刷新查看当前状态。"),
    "nothing_to_retry": sentence("此文件没有失败，无需重试。", "请刷新查看当前状态。"),
    "same_as_current": sentence("这就是该文档当前的文件。", "请选择较新的文件。"),
    "expires_before_effective": sentence("文档的失效日期早于生效日期。", "请选择更晚的失效日期。"),
    # 回答与搜索
    "question_empty": sentence("问题是空的。", "请写下问题。"),
    "question_too_long": sentence("问题超过 {most} 个字符。", "请缩短后再提问。", simpler="问题过长。"),
    "message_id_taken": sentence(
        "另一个问题已使用相同的 client_message_id。", "请为每个问题生成新的 client_message_id。"
    ),
    "title_empty": sentence("标题是空的。", "请写下标题。"),
    "title_too_long": sentence("标题过长。", "请缩短。"),
    "nothing_to_share": sentence("这里还没有已回答的问题。", "请等待回答完成后再分享。"),
    "share_days": sentence(
        "链接的有效期为 1 至 {most} 天。", "请选择其间的天数。", simpler="链接的有效期只有若干天。"
    ),
    "export_sources": sentence("来源"),
    "export_page": sentence("第 {page} 页", simpler="页"),
    "export_masked": sentence("您已无权查看此回答的来源，故未导出。"),
    "export_incomplete": sentence("此回答不完整。"),
    "scope_too_long": sentence("限定的文档集和文档过多。", "请少选一些，或选择全部。"),
    "conversation_temporary": sentence(
        "临时对话不会保存，也不会交给任何人。", "请在新的非临时对话中重新提问。"
    ),
    "temporary_held": sentence(
        "您的对话目前必须保留，因此无法使用临时对话。", "请在会保存的对话中提问，或向管理员询问原因。"
    ),
    "scope_days_reversed": sentence("搜索的结束日期早于开始日期。", "请选择更晚的结束日期，或留空其中一个。"),
    "search_timed_out": sentence("搜索耗时过长。", "请重试，或缩小搜索范围。"),
    "search_model_unavailable": sentence("用于理解问题的模型没有响应。", f"请一分钟后重试。{_ASK_OPERATOR}"),
    "span_outside_text": sentence("正文中没有这个位置。", "请检查网址。"),
    "fusion_unusable": sentence(
        "这些权重无法使用。", "请使用 `manage.py tune_fusion` 为同一编码器写出的文件。"
    ),
    "feedback_too_long": sentence("意见最多 {most} 个字符。", "请缩短。", simpler="意见太长。"),
    "feedback_too_early": sentence("回答还没有写完。", "请等回答结束后再评价。"),
    "gap_not_refused": sentence(
        "只有没有得到回答的问题才能报告为知识缺口。", "如果回答有误，请用回答下方的拇指按钮反馈。"
    ),
    "gap_comment_too_long": sentence("补充说明最多 {most} 个字符。", "请缩短。", simpler="补充说明太长。"),
    "gap_assignee_unfit": sentence(
        "此人无法在提问所限的文档集中添加文档。", "请从列表中选择，或先将此人设为文档集的编辑者。"
    ),
    "glossary_names_missing": sentence("一个词条至少需要同一事物的两个不同名称。", "请每行写一个名称。"),
    "glossary_names_too_many": sentence(
        "一个词条最多 {most} 个名称，每个最多 {most_characters} 个字符。",
        "请删去没有人用的名称。",
        simpler="词条的名称太多，或有名称太长。",
    ),
    "glossary_name_unusable": sentence("没有文字或数字的名称无法用于搜索。", "请写人们实际使用的名称。"),
    "too_many_glossary_entries": sentence(
        "术语表已有 {most} 个词条，达到上限。", "请删除不再需要的词条。", simpler="术语表的词条已达上限。"
    ),
    "owners_only": sentence("只有文档集的所有者才能查看搜索的排序依据。", "请选择属于您的文档集。"),
    "dataset_unreadable": sentence(
        "无法读取这套文档和问题。", "需要 BEIR 布局的 corpus.jsonl、queries.jsonl 和 qrels/SPLIT.tsv。"
    ),
    "questions_unreadable": sentence("无法读取问题文件。", "请确认每行是一个 JSON 对象。"),
    "too_many_turns": sentence(
        "您有 {most} 个问题正在回答，已达上限。",
        "请等待其中一个完成，或停止一个。",
        simpler="您正在回答中的问题已达上限。",
    ),
    "tokens_used_up": sentence(
        "您今天的提问已用完语言模型一天的读写额度。",
        "最多 {wait_hours} 小时后可再提问：额度在 UTC 零点重新计算。搜索不受影响。",
    ),
    "no_active_generation": sentence("还没有已建立索引的文档。", "请先上传文档，就绪后再提问。"),
    "encoder_changed": sentence(
        "建立此索引所用的模型已被更换。", "管理员须恢复原来的模型，或建立新的索引（页面：搜索索引）。"
    ),
    **CHINESE_FACTORS,
    **CHINESE_FILES,
    **CHINESE_GENERATIONS,
    **CHINESE_GOLDEN,
    **CHINESE_PEOPLE,
    **CHINESE_RETENTION,
    **CHINESE_SOURCES,
}
