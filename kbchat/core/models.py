"""Bases of stored things: an unguessable id, and a lease for work that stands in a row."""

import uuid

from django.db import models


class Addressable(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True


def constraints_of_runs(what: str) -> list[models.CheckConstraint]:
    """Of a leased row that says when it was `finished_at`. `what`: how it is called in their names."""
    return [
        models.CheckConstraint(
            condition=models.Q(state="running") | models.Q(lease__isnull=True),
            name=f"only_a_running_{what}_is_leased",
        ),
        models.CheckConstraint(
            condition=models.Q(state__in=["queued", "running"]) | models.Q(finished_at__isnull=False),
            name=f"finished_{what}_says_when",
        ),
    ]


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
