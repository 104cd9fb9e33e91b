"""English, of second factors and passkeys."""

from kbchat.sentences.entry import Sentence, sentence

ENGLISH_FACTORS: dict[str, Sentence] = {
    "second_factor_required": sentence(
        "This kbchat asks you for a second factor before anything opens.",
        "Add an authenticator app or a passkey under “Sign-in security”.",
    ),
    "sign_in_ended": sentence(
        "This sign-in took too long, or was finished in another window.",
        "Begin again with e-mail and password.",
    ),
    "wrong_code": sentence(
        "The code is not right, or was used already.",
        "Wait for the app's next code, or use a recovery code.",
    ),
    "wrong_proof": sentence("Password or code is not right.", "Check both and try again."),
    "proof_needed": sentence(
        "Before this is changed, show again that it is you.",
        "Enter your password, and a code where you have one, or use a passkey.",
    ),
    "passkey_refused": sentence(
        "The passkey could not be verified.", "Try again, or use another way to sign in."
    ),
    "passkey_known": sentence("This passkey was added already.", "Use another device or password manager."),
    "passkeys_need_a_name": sentence(
        "Passkeys do not work at an address made of numbers.",
        "Open kbchat by its name, such as localhost on this machine.",
    ),
    "app_known": sentence("You have an authenticator app already.", "Remove it first, then add another."),
    "app_offer_ended": sentence("This QR code is too old.", "Begin again with a new one."),
    "factor_missing": sentence(
        "You have no second factor yet.", "Add an authenticator app or a passkey first."
    ),
    "factors_need_password": sentence(
        "You sign in by your company's sign-in, which looks after this.", "Change it there."
    ),
}
