"""What somebody is to be told the next time he is here, where nothing is sent by mail."""

from django.db import models
from django.utils import timezone

from kbchat.core.models import Addressable


class NoticeKind(models.TextChoices):
    RESET_ASKED = "reset_asked"
    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_MADE = "codes_made"
    ALL_TAKEN = "all_taken"
    GAP_ANSWERED = "gap_answered"
    GAP_ASSIGNED = "gap_assigned"


class Notice(Addressable):
    """About `person`: to himself; that he asks for a new password, to every administrator."""

    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    person = models.ForeignKey("accounts.User", models.CASCADE, related_name="notices")
    at = models.DateTimeField(default=timezone.now)
    about = models.UUIDField(null=True)
    """Of the gaps' kinds: the question whose asker is told, or the gap that was assigned."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(kind="reset_asked"), name="a_lost_password_is_told_once"
            )
        ]
