"""Bases of stored things: an unguessable id, and a lease for work that stands in a row."""

import uuid

from django.db import models


class Addressable(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


class Leased(Addressable):
    """Background work: a row that is *queued*, and *running* while a worker holds it (`core.leases`); what else its
    `state` may be is its own to say. `lease`: the fencing token of the worker that holds it, which every write
    compares. `attempts`: tries since it last came further."""

    state = models.CharField(max_length=10)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
