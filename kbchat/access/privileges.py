"""Which database role may do what with which table: the whole list, read by provisioning and by the start-up check.

Two rights roles that nobody logs in as; the login roles of DATABASE_URL and KBCHAT_WORKER_DATABASE_URL are members.
Row-level security (0002_visibility) narrows further, to rows.
"""

from dataclasses import dataclass

APPLICATION = "kbchat_application_rights"
WORKER = "kbchat_worker_rights"
GATE = "kbchat_gate"

_ALL = "SELECT, INSERT, UPDATE, DELETE"


@dataclass(frozen=True, slots=True)
class TablePrivileges:
    application: str = ""
    worker: str = ""


PRIVILEGES: dict[str, TablePrivileges] = {
    "accounts_user": TablePrivileges("SELECT, INSERT, UPDATE", "SELECT"),
    "accounts_group": TablePrivileges(_ALL, "SELECT"),
    "accounts_membership": TablePrivileges(_ALL, "SELECT"),
    "accounts_groupinclusion": TablePrivileges(_ALL, "SELECT"),
    "accounts_apikey": TablePrivileges("SELECT, INSERT, UPDATE"),
    "accounts_onetimelink": TablePrivileges("SELECT, INSERT, UPDATE"),
    "accounts_directoryperson": TablePrivileges(_ALL),
    "accounts_directorytoken": TablePrivileges("SELECT, INSERT, UPDATE"),
    "accounts_opensession": TablePrivileges(_ALL),
    "accounts_notice": TablePrivileges(_ALL),
    "accounts_authenticatorapp": TablePrivileges(_ALL),
    "accounts_recoverycodes": TablePrivileges(_ALL),
    "accounts_passkey": TablePrivileges(_ALL),
    "accounts_pendingsignin": TablePrivileges(_ALL),
    "accounts_passkeychallenge": TablePrivileges(_ALL),
    "django_session": TablePrivileges(_ALL),
    # Of allauth: whom an identity provider knows as which person. Its other tables, and those that it needs from
    # Django, are used by nobody.
    "socialaccount_socialaccount": TablePrivileges("SELECT, INSERT, UPDATE"),
    "socialaccount_socialapp": TablePrivileges(),
    "socialaccount_socialtoken": TablePrivileges(),
    "account_emailaddress": TablePrivileges(),
    "account_emailconfirmation": TablePrivileges(),
    "auth_group": TablePrivileges(),
    "auth_group_permissions": TablePrivileges(),
    "auth_permission": TablePrivileges(),
    "django_content_type": TablePrivileges(),
    "django_migrations": TablePrivileges("SELECT", "SELECT"),
    "documents_collection": TablePrivileges("SELECT, INSERT, UPDATE", "SELECT"),
    "documents_document": TablePrivileges("SELECT, INSERT, UPDATE", _ALL),
    "documents_documentversion": TablePrivileges(
        "SELECT, INSERT, UPDATE (confirmed_at), UPDATE (effective_from), UPDATE (expires_on), UPDATE (in_force)",
        _ALL,
    ),
    "documents_versioncontent": TablePrivileges("SELECT", _ALL),
    "documents_section": TablePrivileges("SELECT", _ALL),
    "documents_silencedpassage": TablePrivileges("SELECT, INSERT, DELETE", "SELECT, INSERT, DELETE"),
    "access_grant": TablePrivileges(_ALL, "SELECT, INSERT, DELETE"),
    "ingestion_ingestionrun": TablePrivileges("SELECT, INSERT, UPDATE", _ALL),
    "ingestion_scannedpage": TablePrivileges("", _ALL),
    "ingestion_chunk": TablePrivileges("SELECT", _ALL),
    "indexing_indexgeneration": TablePrivileges(
        "SELECT, UPDATE (state), UPDATE (answered_until), UPDATE (retired_at), UPDATE (dense_weights),"
        " UPDATE (calibration)",
        "SELECT, INSERT, UPDATE",
    ),
    "indexing_activegeneration": TablePrivileges("SELECT, UPDATE (generation_id)", "SELECT, INSERT, UPDATE"),
    "rebuilding_build": TablePrivileges("SELECT, INSERT, UPDATE", "SELECT, INSERT, UPDATE"),
    "rebuilding_shadowfigures": TablePrivileges("SELECT, INSERT, UPDATE"),
    "upkeep_upkeeprun": TablePrivileges(_ALL, _ALL),
    "indexing_embedding": TablePrivileges("SELECT", _ALL),
    "indexing_posting": TablePrivileges("SELECT", _ALL),
    "retention_deletionreceipt": TablePrivileges("SELECT, INSERT", "SELECT, INSERT, UPDATE"),
    "retention_erasurereceipt": TablePrivileges("SELECT, INSERT"),
    "retention_legalhold": TablePrivileges("SELECT, INSERT, DELETE", "SELECT"),
    "retention_collectionrule": TablePrivileges("SELECT, INSERT, UPDATE", "SELECT"),
    "retention_conversationrule": TablePrivileges("SELECT, INSERT, UPDATE"),
    "glossary_glossaryentry": TablePrivileges(_ALL),
    "scheduling_schedule": TablePrivileges(_ALL, "SELECT, UPDATE, DELETE"),
    # Where a source is never changes, and the web makes no item.
    "library_keptsource": TablePrivileges(
        "SELECT, INSERT, UPDATE (keeper_id), UPDATE (permissions_from), UPDATE (sealed_secrets), DELETE",
        "SELECT, UPDATE (revision), UPDATE (sealed_secrets)",
    ),
    "library_sourceitem": TablePrivileges(
        "SELECT, UPDATE (mark), UPDATE (validator), UPDATE (was_taken_in), UPDATE (held_in_id),"
        " UPDATE (document_id), DELETE",
        _ALL,
    ),
    # The web ends one, and says nothing else of how it went.
    "library_sourcerun": TablePrivileges(
        "SELECT, INSERT, UPDATE (approves_id), UPDATE (state), UPDATE (mirrored), UPDATE (finished_at),"
        " UPDATE (lease), UPDATE (leased_until), DELETE",
        _ALL,
    ),
    # Asked by the web, told by a worker.
    "library_sourcetrial": TablePrivileges(
        "SELECT, INSERT, DELETE",
        "SELECT, UPDATE (state), UPDATE (has_documents), UPDATE (cause), UPDATE (problem),"
        " UPDATE (problem_facts), DELETE",
    ),
    "evaluation_keptquestion": TablePrivileges(_ALL),
    "evaluation_expectedplace": TablePrivileges("SELECT, INSERT, DELETE"),
    "evaluation_goldenrun": TablePrivileges("SELECT, INSERT, UPDATE"),
    "evaluation_questionfigures": TablePrivileges("SELECT, INSERT, DELETE"),
    "audit_auditevent": TablePrivileges("SELECT, INSERT", "INSERT"),
    "chat_conversation": TablePrivileges(_ALL),
    "chat_turn": TablePrivileges(_ALL),
    "chat_turnterms": TablePrivileges(_ALL),
    "chat_shown": TablePrivileges(_ALL),
    "chat_citation": TablePrivileges(_ALL),
    "chat_feedback": TablePrivileges(_ALL),
    # A gap is made and deleted by the database, with its reports.
    "insights_gap": TablePrivileges(
        "SELECT, UPDATE (state), UPDATE (assignee_id), UPDATE (document_id), UPDATE (changed_at)"
    ),
    "insights_gapreport": TablePrivileges(_ALL),
    "insights_askedagain": TablePrivileges(_ALL),
    "chat_tokensspent": TablePrivileges("SELECT, INSERT, UPDATE"),
    "chat_share": TablePrivileges(_ALL),
    "chat_share_turns": TablePrivileges(_ALL),
    "django_celery_beat_clockedschedule": TablePrivileges(_ALL, _ALL),
    "django_celery_beat_crontabschedule": TablePrivileges(_ALL, _ALL),
    "django_celery_beat_intervalschedule": TablePrivileges(_ALL, _ALL),
    "django_celery_beat_periodictask": TablePrivileges(_ALL, _ALL),
    "django_celery_beat_periodictasks": TablePrivileges(_ALL, _ALL),
    "django_celery_beat_solarschedule": TablePrivileges(_ALL, _ALL),
}

WORKER_FUNCTIONS = (
    "kbchat_create_generation_partitions(bigint)",
    "kbchat_index_vectors(bigint, integer)",
    "kbchat_drop_generation_partitions(bigint)",
)
"""Functions that the worker role alone may call."""
_BOTH = (APPLICATION, WORKER)
_APPLICATION_ALONE = (APPLICATION,)
_WORKER_ALONE = (WORKER,)
_NOBODY: tuple[str, ...] = ()

GATE_FUNCTIONS: dict[str, tuple[str, ...]] = {
    "kbchat_groups_of(uuid)": _BOTH,
    "kbchat_grants_of(uuid)": _BOTH,
    "kbchat_collections_of(uuid)": _BOTH,
    "kbchat_shelves_of(uuid)": _BOTH,
    "kbchat_roles_in(uuid, uuid[])": _BOTH,
    "kbchat_granted_documents(uuid)": _BOTH,
    "kbchat_denied_documents(uuid)": _BOTH,
    "kbchat_visible_documents(uuid)": _BOTH,
    "kbchat_editable_documents(uuid)": _BOTH,
    "kbchat_visible_collections(uuid)": _BOTH,
    "kbchat_closed_sections(uuid)": _BOTH,
    "kbchat_documents_with_closed_sections(uuid)": _BOTH,
    "kbchat_withheld_versions(uuid)": _BOTH,
    "kbchat_unconfirmed_versions()": _BOTH,
    "kbchat_searchable_versions(uuid, date)": _BOTH,
    "kbchat_searchable_versions(uuid, date, uuid[], uuid[], text[], text[], date, date)": _BOTH,
    # Of the code before this one, which is at work until it is replaced.
    "kbchat_searchable_versions(uuid, date, uuid[], uuid[])": _BOTH,
    "kbchat_is_administrator(uuid)": _BOTH,
    "kbchat_generation_lacks(bigint)": _BOTH,
    "kbchat_versions_to_choose(uuid, date)": _APPLICATION_ALONE,
    "kbchat_is_auditor(uuid)": _APPLICATION_ALONE,
    "kbchat_viewer_administers()": _APPLICATION_ALONE,
    "kbchat_access_class(uuid[], text[])": _APPLICATION_ALONE,
    "kbchat_owners_of(uuid[])": _APPLICATION_ALONE,
    "kbchat_claim_turn(uuid, double precision, integer)": _APPLICATION_ALONE,
    "kbchat_keep_turns(uuid, uuid[], double precision)": _APPLICATION_ALONE,
    "kbchat_abandoned_turns()": _APPLICATION_ALONE,
    "kbchat_place_of_turn(uuid)": _APPLICATION_ALONE,
    "kbchat_shared_turns(text)": _APPLICATION_ALONE,
    "kbchat_feedback_counts()": _APPLICATION_ALONE,
    "kbchat_feedback_handed_over(integer)": _APPLICATION_ALONE,
    "kbchat_sees_gap(uuid, uuid[])": _APPLICATION_ALONE,
    "kbchat_gap_for(uuid[], text[], text, vector, double precision, double precision)": _APPLICATION_ALONE,
    "kbchat_gap_reports(uuid[])": _APPLICATION_ALONE,
    "kbchat_gap_questions(uuid[])": _APPLICATION_ALONE,
    "kbchat_gap_answerers(uuid)": _APPLICATION_ALONE,
    "kbchat_tell_askers(uuid)": _APPLICATION_ALONE,
    "kbchat_insight_days(date, date, uuid)": _APPLICATION_ALONE,
    "kbchat_insight_documents(date, date, uuid, integer)": _APPLICATION_ALONE,
    "kbchat_restorable_documents(uuid, integer)": _APPLICATION_ALONE,
    "kbchat_withdraw_receipt(uuid)": _APPLICATION_ALONE,
    "kbchat_viewer_is_held()": _APPLICATION_ALONE,
    "kbchat_erase_person(uuid)": _APPLICATION_ALONE,
    "kbchat_foresee_conversations(integer)": _APPLICATION_ALONE,
    "kbchat_golden_keepers()": _WORKER_ALONE,
    "kbchat_forget_answers(uuid[])": _WORKER_ALONE,
    "kbchat_expire_conversations(integer, integer)": _WORKER_ALONE,
    "kbchat_conversations_to_expire(integer, integer)": _NOBODY,
    "kbchat_expire_conversations(integer)": _WORKER_ALONE,
    "kbchat_delete_conversations(uuid[])": _NOBODY,
    "kbchat_keep_held()": _NOBODY,
    "kbchat_counted_turns(date, date, uuid)": _NOBODY,
    "kbchat_waiting_turns()": _NOBODY,
    "kbchat_drop_empty_gap()": _NOBODY,
    "kbchat_chain_audit_event()": _NOBODY,
}
"""Who may call what the gate owns, which reads beyond its caller's rows. Nobody: other functions of the gate, and
triggers."""
EVERYBODYS_FUNCTIONS = ("kbchat_viewer()", "kbchat_within()")
