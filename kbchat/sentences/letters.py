"""The mails that kbchat sends, in both languages. Plain text: who, what, one link at most; nothing of any document."""

from dataclasses import dataclass
from typing import Final, Literal

from kbchat.sentences import CHINESE

FactorChange = Literal[
    "app_added", "app_removed", "passkey_added", "passkey_removed", "codes_made", "all_taken"
]
_CHANGES: Final[dict[FactorChange, tuple[str, str]]] = {
    "app_added": ("an authenticator app was added to your account", "已为您的账户添加身份验证器应用"),
    "app_removed": (
        "the authenticator app was removed from your account",
        "已从您的账户移除身份验证器应用",
    ),
    "passkey_added": ("a passkey was added to your account", "已为您的账户添加通行密钥"),
    "passkey_removed": ("a passkey was removed from your account", "已从您的账户移除通行密钥"),
    "codes_made": (
        "new recovery codes were made for your account; the earlier ones are void",
        "已为您的账户生成新的恢复码，旧的恢复码全部失效",
    ),
    "all_taken": (
        "an administrator has taken the authenticator app and the passkeys away from your account",
        "管理员已移除您账户的身份验证器应用和通行密钥",
    ),
}


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    body: str


def invitation(name: str, link: str, *, days: int, language: str) -> Letter:
    if language == CHINESE:
        return Letter(
            "您的 kbchat 账户",
            f"{name}，您好！\n\n管理员为您开通了 kbchat 账户。请打开以下链接设置密码：\n\n{link}\n\n"
            f"链接 {days} 天内有效，只能使用一次。\n",
        )
    return Letter(
        "Your kbchat account",
        f"Hello {name},\n\nan administrator has made an account for you in kbchat. Choose your password here:\n\n"
        f"{link}\n\nThe link works once, within {days} days.\n",
    )


def reset(name: str, link: str, *, minutes: int, language: str) -> Letter:
    if language == CHINESE:
        return Letter(
            "重设您的 kbchat 密码",
            f"{name}，您好！\n\n请打开以下链接重设密码：\n\n{link}\n\n链接 {minutes} 分钟内有效，只能使用一次。\n"
            "如果您没有要求重设密码，请忽略此邮件，您的密码不会改变。\n",
        )
    return Letter(
        "A new password for kbchat",
        f"Hello {name},\n\nchoose a new password here:\n\n{link}\n\nThe link works once, within {minutes} minutes.\n"
        "If you did not ask for it, ignore this mail: your password stays as it is.\n",
    )


def factor_changed(name: str, change: FactorChange, *, language: str) -> Letter:
    english, chinese = _CHANGES[change]
    if language == CHINESE:
        return Letter(
            "您的 kbchat 登录方式有变动",
            f"{name}，您好！\n\n{chinese}。\n\n如果不是您本人操作，请立即重设密码，并告知管理员。\n",
        )
    return Letter(
        "How you sign in to kbchat was changed",
        f"Hello {name},\n\n{english}.\n\n"
        "If it was not you, choose a new password at once, and tell an administrator.\n",
    )
