"""What somebody proves himself with beside his password, and the rows of a sign-in that is not finished yet.

No secret stands here as it is: an app's is sealed (`sealing`), recovery codes are hashed, and of a passkey the server
knows the public key alone.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.models import Session
from django.db import models
from django.utils import timezone

from kbchat.core.models import Addressable


class AuthenticatorApp(models.Model):
    """An app that shows a code for each half minute (TOTP, RFC 6238). `last_step`: the half minute of the last code
    that was taken; no code of it, or of an earlier one, is taken again."""

    user = models.OneToOneField(
        "accounts.User", models.CASCADE, primary_key=True, related_name="authenticator_app"
    )
    sealed_secret = models.TextField()
    last_step = models.BigIntegerField()
    added_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)


class RecoveryCodes(models.Model):
    """`digests`: of the codes that are not used yet, under one salt."""

    user = models.OneToOneField(
        "accounts.User", models.CASCADE, primary_key=True, related_name="recovery_codes"
    )
    salt = models.BinaryField()
    digests = ArrayField(models.CharField(max_length=64))
    made_at = models.DateTimeField(default=timezone.now)


class Passkey(Addressable):
    """A key pair of a device or a password manager (WebAuthn). `credential_id`: by which the device knows it, in
    base64url. `credential`: that id and the public key, as the device gave them. `uses`: the device's own count of
    signatures; 0 where it does not count."""

    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=200)
    credential_id = models.CharField(max_length=1400)
    credential = models.BinaryField()
    uses = models.BigIntegerField()
    added_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["credential_id"], name="passkey_is_somebody_s_alone"),
        ]


class PendingSignIn(models.Model):
    """A browser in which somebody's password was right and his second factor is still to come. Its session is
    nobody's. `password_proof`: changes with the password, as that of a session does."""

    session = models.OneToOneField(Session, models.CASCADE, primary_key=True, related_name="pending_sign_in")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="pending_sign_ins")
    password_proof = models.CharField(max_length=128)
    expires_at = models.DateTimeField()


class ChallengePurpose(models.TextChoices):
    ADD = "add"
    SIGN_IN = "sign_in"
    CONFIRM = "confirm"


class PasskeyChallenge(models.Model):
    """What a passkey is to sign: by this browser, for this purpose, soon, and once, which deleting the row decides."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="passkey_challenges")
    purpose = models.CharField(max_length=10, choices=ChallengePurpose.choices)
    challenge = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "purpose"], name="browser_has_one_challenge_for_a_purpose"
            ),
        ]
