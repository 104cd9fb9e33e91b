"""The audit trail: who did what to what, as ids, hashes, roles and counts; never a text, a title, a name or an address.

Number, time and hashes are the database's own (see 0002_chain); rows are added and never changed.
"""

from django.db import models


class AuditAction(models.TextChoices):
    GRANT_GIVEN = "grant_given"
    GRANT_TAKEN = "grant_taken"
    SECTION_CLOSED = "section_closed"
    SECTION_OPENED = "section_opened"
    VERSION_CONFIRMED = "version_confirmed"
    VERSION_DATED = "version_dated"
    PASSAGES_SHOWN = "passages_shown"
    DOCUMENT_OPENED = "document_opened"
    DOCUMENT_MOVED = "document_moved"
    DOCUMENT_DELETED = "document_deleted"
    DOCUMENT_RESTORED = "document_restored"
    READING_CANCELLED = "reading_cancelled"
    PASSAGE_SILENCED = "passage_silenced"
    PASSAGE_HEARD_AGAIN = "passage_heard_again"
    DOCUMENT_PURGED = "document_purged"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    RETENTION_CHANGED = "retention_changed"
    CONVERSATIONS_EXPIRED = "conversations_expired"
    PERSON_ERASED = "person_erased"
    PERSON_CREATED = "person_created"
    PERSON_CHANGED = "person_changed"
    PERSON_DEACTIVATED = "person_deactivated"
    PERSON_REACTIVATED = "person_reactivated"
    GROUP_CHANGED = "group_changed"
    GROUP_DELETED = "group_deleted"
    GLOSSARY_CHANGED = "glossary_changed"
    ADMINISTRATOR_CHANGED = "administrator_changed"
    AUDITOR_CHANGED = "auditor_changed"
    PASSWORD_SET = "password_set"  # noqa: S105 (no password)
    LINK_MADE = "link_made"
    DIRECTORY_TOKEN_MADE = "directory_token_made"  # noqa: S105 (no token)
    DIRECTORY_TOKEN_REVOKED = "directory_token_revoked"  # noqa: S105 (no token)
    IDENTITY_LINKED = "identity_linked"
    DIRECTORY_FOLLOWED = "directory_followed"
    SESSIONS_ENDED = "sessions_ended"
    API_KEY_MADE = "api_key_made"
    API_KEY_REVOKED = "api_key_revoked"
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SECOND_FACTOR_FAILED = "second_factor_failed"
    RECOVERY_CODE_USED = "recovery_code_used"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    FACTORS_TAKEN = "factors_taken"
    REFUSED = "refused"
    EXPORTED = "exported"
    SHARE_MADE = "share_made"
    SHARE_REVOKED = "share_revoked"
    CONVERSATION_EXPORTED = "conversation_exported"
    GOLDEN_QUESTION_KEPT = "golden_question_kept"
    GOLDEN_QUESTION_REMOVED = "golden_question_removed"
    GOLDEN_RUN_STARTED = "golden_run_started"
    GENERATION_REQUESTED = "generation_requested"
    GENERATION_BUILD_CHANGED = "generation_build_changed"
    GENERATION_SWITCHED = "generation_switched"
    GENERATION_RETIRED = "generation_retired"
    SOURCE_TRIED = "source_tried"
    SOURCE_KEPT = "source_kept"
    SOURCE_REMOVED = "source_removed"
    SOURCE_TAKEN_OVER = "source_taken_over"
    SOURCE_SCHEDULED = "source_scheduled"
    SOURCE_SECRETS_SET = "source_secrets_set"
    SOURCE_PERMISSIONS_CHOSEN = "source_permissions_chosen"
    READERS_MIRRORED = "readers_mirrored"
    SOURCE_STARTED = "source_started"
    SOURCE_CANCELLED = "source_cancelled"
    SOURCE_READ = "source_read"
    UPKEEP_SCHEDULED = "upkeep_scheduled"
    UPKEEP_STARTED = "upkeep_started"
    FEEDBACK_READ = "feedback_read"
    GAPS_READ = "gaps_read"
    INSIGHTS_READ = "insights_read"
    GAP_CHANGED = "gap_changed"
    VIEWED_AS = "viewed_as"


class AuditEvent(models.Model):
    """`actor_id` None: a command of the operator's, a worker, or somebody who is nobody here. `previous`: the hash of
    the event before, so that none can be changed or left out unseen. No foreign keys: an event outlives all it names.
    """

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    action = models.CharField(max_length=30)
    """An AuditAction; which there are is no matter of the table's."""
    subject = models.JSONField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["previous"], name="audit_chain_does_not_fork")]
        indexes = [
            models.Index(fields=["actor_id", "seq"], name="audit_by_actor"),
            models.Index(fields=["action", "seq"], name="audit_by_action"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]
