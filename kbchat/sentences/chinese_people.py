"""简体中文：人员与权限。"""

from kbchat.sentences.entry import Sentence, sentence

CHINESE_PEOPLE: dict[str, Sentence] = {
    # 人员
    "wrong_credentials": sentence("邮箱或密码不正确。", "请检查后重试。"),
    "too_many_attempts": sentence("登录失败次数过多。", "请等待 {wait_minutes} 分钟后重试。"),
    "sso_refused": sentence(
        "无法核实本次登录，因此未能登录。", "请从登录页重试。如果再次出现，请联系 kbchat 的维护人员。"
    ),
    "sso_cancelled": sentence("登录已取消。", "请重试，或使用密码登录。"),
    "sso_unavailable": sentence(
        "公司的统一登录没有响应。", "请稍后重试。如果再次出现，请联系 kbchat 的维护人员。"
    ),
    "no_account": sentence("您已通过公司的统一登录，但在这里还没有账户。", "请联系管理员开通。"),
    "auditors_only": sentence("审计记录仅供审计员查看。", "请联系 kbchat 的维护人员将您设为审计员。"),
    "not_active": sentence("此账户未启用。", "请联系管理员。"),
    "email_taken": sentence("该邮箱已有人使用。", "请换一个邮箱。"),
    "email_invalid": sentence("这不是有效的邮箱地址。", "请检查是否输入有误。"),
    "name_missing": sentence("缺少名称。", "请输入名称。"),
    "name_too_long": sentence("名称过长。", "请缩短。"),
    "password_too_short": sentence("密码太短。", "请至少使用 {least} 个字符，最好由几个词组成。"),
    "setup_link_invalid": sentence(
        "此设置链接已被使用，或已被新的链接取代。",
        "请打开最新的链接，或用 `manage.py make_setup_link` 生成一个。",
    ),
    "link_invalid": sentence(
        "此链接已被使用、已过期，或已被新的链接取代。",
        "请在登录页点击“忘记密码？”，或联系管理员，获取新的链接。",
    ),
    "too_many_resets": sentence("请求链接的次数过多。", "请等待 {wait_minutes} 分钟后重试。"),
    "last_administrator": sentence("您是唯一的管理员。", "请先将其他人设为管理员。"),
    "only_administrator": sentence("此人是 kbchat 唯一的管理员。", "请先在 kbchat 中将其他人设为管理员。"),
    "kept_by_directory": sentence("此内容由公司目录维护。", "请在公司目录中更改。"),
    "directory_name_taken": sentence("该用户名或外部标识已存在。", "请使用已有的那一个。"),
    "directory_name_invalid": sentence("用户名缺失或过长。", "请发送不超过 254 个字符的用户名。"),
    "group_name_taken": sentence("已有同名群组。", "请换一个名称。"),
    "group_circle": sentence("该群组会直接或间接包含自身。", "请另选一个群组。"),
    "group_closes_sections": sentence(
        "有内容对该群组关闭；删除后，其成员将能读到这些内容。",
        "请先让文档的所有者开放这些内容，或改为对另一个群组关闭。",
    ),
    "group_is_last_owner": sentence("某个文档集将没有所有者。", "请先让其所有者指定另一位所有者。"),
    "member_unknown": sentence("有成员在此不存在。", "请先同步这些成员。"),
    "principal_unknown": sentence("此人员或群组不存在。", "请另选一个。"),
    # 为什么能或不能阅读某个段落
    "person_not_active": sentence("该账号已停用。"),
    "version_not_in_force": sentence("此版本今天不生效，不会用于回答。"),
    "collection_denied": sentence("该文档集已对{through}禁用。", simpler="该文档集已被禁用。"),
    "document_denied": sentence("该文档已对{through}禁用。", simpler="该文档已被禁用。"),
    "section_closed": sentence(
        "章节“{heading}”已对{through}关闭。", simpler=("章节“{heading}”已关闭。", "其所在的章节已关闭。")
    ),
    "version_unconfirmed": sentence("此版本缺少一个已关闭的章节标题，在编辑确认之前仅编辑可见。"),
    "collection_owned": sentence("文档集的所有者（通过{through}）。", simpler="文档集的所有者。"),
    "collection_granted": sentence("文档集已与{through}共享。", simpler="文档集已与此人或所有人共享。"),
    "document_granted": sentence("文档已与{through}共享。", simpler="文档已与此人或所有人共享。"),
    "own_list": sentence("该文档有自己的授权名单，文档集的共享对它无效。"),
    "no_grant": sentence("这里没有任何内容与此人共享。"),
    "closed_to_yourself": sentence(
        "该章节会对您自己关闭，或已经对您关闭。", "请选择您不在其中的群组，或联系另一位所有者。"
    ),
    "last_owner": sentence("这是该文档集唯一的所有者。", "请先指定另一位所有者。"),
}
