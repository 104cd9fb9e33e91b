"""简体中文：来源与定时。"""

from kbchat.sentences.entry import Sentence, sentence

_ASK_OPERATOR = "请联系 kbchat 的维护人员。"

CHINESE_SOURCES: dict[str, Sentence] = {
    "source_kind_unknown": sentence("没有这种来源。", "请从列出的种类中选择。"),
    "source_place_incomplete": sentence("无法从所填内容得知来源的位置。", "请检查每一项，并填写必填项。"),
    "source_folder_outside": sentence(
        "此文件夹未对来源开放。",
        "请填写 KBCHAT_SOURCE_ROOTS 中某个文件夹之下的完整路径，或请 kbchat 的维护人员开放此文件夹。",
    ),
    "source_origin_not_allowed": sentence(
        "此地址未对来源开放。",
        "请填写 KBCHAT_SOURCE_ORIGINS 中的地址，或请 kbchat 的维护人员开放此地址。",
    ),
    "source_address_not_allowed": sentence(
        "该主机位于未对来源开放的网络。",
        "如确需访问，请 kbchat 的维护人员在 KBCHAT_SOURCE_NETWORKS 中加入该网络。",
    ),
    "source_folder_missing": sentence(
        "文件夹不存在或无法读取。", "请确认它存在、已挂载，并且运行 kbchat 的用户有权读取。"
    ),
    "source_file_unreadable": sentence(
        "无法从来源读取此文件。", "请确认运行 kbchat 的用户有权读取，然后重试。"
    ),
    "source_changed_meanwhile": sentence("读取时文件正在被写入。", "下次运行会重新读取。"),
    "source_unreachable": sentence("来源没有响应。", "请确认它在运行且服务器可以访问，然后重试。"),
    "source_host_unknown": sentence(
        "找不到地址中的主机。", "请检查主机名的写法，并确认服务器能够解析该名称。"
    ),
    "source_certificate_refused": sentence(
        "对方服务器的证书未被接受，无法证明它就是该地址的主机。",
        "请检查主机名和证书的有效期，或联系该服务器的管理者。",
    ),
    "source_wants_sign_in": sentence(
        "该代码库需要登录才能读取，而 kbchat 不会发送密码。",
        "请填写无需登录即可读取的代码库，或服务器上的副本。",
    ),
    "source_repository_missing": sentence("此处没有 Git 代码库。", "请检查代码库的地址或文件夹。"),
    "source_repository_of_another": sentence(
        "该代码库属于服务器上的另一个用户，因此 Git 不会读取。",
        "请让它归 kbchat 自己的用户所有，或填写它的地址。",
    ),
    "source_answer_unusable": sentence(
        "来源返回了 {status}。", "请用浏览器检查该地址。", simpler="来源返回的内容无法使用。"
    ),
    "source_sitemap_unusable": sentence("无法读取站点地图。", "请确认该地址是 sitemap.xml 或其索引。"),
    "source_branch_missing": sentence("代码库中没有此分支，或分支为空。", "请检查分支名称。"),
    "source_git_missing": sentence("服务器上没有安装 Git。", _ASK_OPERATOR),
    "source_trial_unanswered": sentence(
        "读取来源的进程未能及时查看此处。",
        "请等正在运行的来源结束后重试；“系统”页面显示是否有这样的进程在运行。",
    ),
    "source_too_large": sentence(
        "来源列出的条目超过 {most} 个。", "请拆分成多个来源。", simpler="来源列出的条目过多。"
    ),
    "source_document_closed": sentence(
        "来源负责人无权更改对应的文档。", "请允许他编辑该文档，或由有权限的人接管此来源。"
    ),
    "source_without_keeper": sentence(
        "此来源已无人负责：负责人不能再编辑该文档集，或已离开。", "请接管后重新运行。"
    ),
    "source_without_owner": sentence(
        "此来源自行说明谁可以阅读什么，但其负责人并不拥有该文档集。", "请由一位所有者接管，然后重新运行。"
    ),
    "source_credentials_refused": sentence(
        "服务器不接受此访问密钥，或不允许它列出此处的内容。",
        "请检查密钥、存储桶、其中的文件夹和区域，以及密钥的权限。",
    ),
    "source_bucket_missing": sentence("服务器上没有此存储桶。", "请检查存储桶的名称和地址。"),
    "source_listing_unusable": sentence(
        "无法读取服务器返回的对象列表。", "请确认该地址是 S3 服务器的地址，然后重新运行。"
    ),
    "source_secrets_unreadable": sentence(
        "无法再读取此来源的访问密钥：kbchat 自己的密钥已更改。", "请由管理员重新填写访问密钥。"
    ),
    "source_knows_no_readers": sentence("此类来源不知道谁可以阅读什么。", "请由文档集来决定。"),
    "source_access_missing": sentence(
        "来源没有说明谁可以阅读什么，因此其全部内容仅供文档集的所有者查看。",
        "请在来源的起始处放置文件 .kbchat-access.toml，然后重新运行。",
    ),
    "source_access_unusable": sentence(
        "无法读取文件 .kbchat-access.toml，因此全部文档仅供文档集的所有者查看。",
        "请按 docs/sources.md 修正该文件，然后重新运行来源。",
    ),
    "source_groups_unknown": sentence(
        "文件 .kbchat-access.toml 中有 kbchat 没有的群组：{groups}。相关规则所涉及的内容仅供文档集的所有者查看。",
        "请修正该文件或建立这些群组，然后重新运行来源。",
        simpler="文件 .kbchat-access.toml 中有 kbchat 没有的群组。",
    ),
    "source_by_administrators": sentence(
        "只有拥有该文档集的管理员才能指定来源的位置。", "请他们中的一位来添加。"
    ),
    "source_name_taken": sentence(
        "该文档集已有名为“{name}”的来源。", "请换一个名称。", simpler="该文档集已有同名来源。"
    ),
    "source_is_running": sentence("此来源正在运行。", "请等它结束，或取消它。"),
    "source_is_not_running": sentence("此来源已不在读取，没有可取消的内容。", "请刷新查看当前状态。"),
    "source_holds_nothing": sentence("没有等待确认的移除。", "请刷新列表。"),
    "source_holds_something_else": sentence(
        "来源已被重新读取，缺少的文档与刚才显示的不同。", "请重新查看列表后再决定。"
    ),
    "schedule_unreadable": sentence(
        "这不是 cron 表达式：应为五项，依次是分钟、小时、日、月、星期。",
        "请选择列出的时间，或按 30 2 * * 1-5 的格式填写。",
    ),
    "schedule_time_zone_unknown": sentence("未知的时区。", "请按名称选择，例如 Asia/Shanghai。"),
    "schedule_never_due": sentence("没有这样的日期。", "请一并检查日、月和星期。"),
}
