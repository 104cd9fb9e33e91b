from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kbchat.audit"
