"""The mails that kbchat sends, in both languages. Plain text: who, what, and one link; nothing of any document."""

from dataclasses import dataclass

from kbchat.sentences import CHINESE


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
