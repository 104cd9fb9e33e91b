from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "kbchat.evaluation"
