"""The company's own words. They are everybody's: whoever asks, asks with them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from kbchat.core.models import Addressable

MOST_NAME_CHARACTERS = 100
MOST_NAMES = 12


class GlossaryEntry(Addressable):
    """Names of one thing (PTO, paid time off, 带薪休假), the first of them the usual one."""

    names = ArrayField(models.CharField(max_length=MOST_NAME_CHARACTERS), size=MOST_NAMES)
    changed_at = models.DateTimeField(default=timezone.now)
