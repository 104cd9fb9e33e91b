from django.apps import AppConfig


class RebuildingConfig(AppConfig):
    name = "kbchat.rebuilding"
