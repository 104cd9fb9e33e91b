"""Base of every stored thing that has an address: an unguessable id."""

import uuid

from django.db import models


class Addressable(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True
