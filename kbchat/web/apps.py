from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kbchat.web"
