"""How much one person, one connection or one request may take: every such number, with its unit and its reason.

Each has a name in `kbchat.core.limits`, by which it is counted at /metrics, and a sentence that says which one was
reached and when to try again; `most_answers_running` alone turns nobody away and only makes people wait. Bounds of
parsing (KBCHAT_PARSE_*) and of one answer (KBCHAT_ANSWER_*) stand with their settings: nobody is turned away by them.
"""

from pydantic import Field
from pydantic_settings import BaseSettings


class Limits(BaseSettings):
    most_question_characters: int = Field(8000, gt=0)
    """Of a question or a search: what is longer is a document, and belongs into the library."""
    most_answers_at_once: int = Field(3, gt=0)
    """Of one person, waiting ones included: a few windows, and never all that the model can do."""
    most_answers_running: int = Field(256, gt=0)
    """Of all people, in all answers processes together: as many as the model servers work on at a time, so that others
    wait here, where persons take turns, and not there."""
    most_tokens_a_day: int = Field(2_000_000, ge=0)
    """Of one person, read and written by the model since midnight UTC; 0: none at all. About 400 answers from eight
    passages each: more than anybody reads."""

    most_sockets: int = Field(20, gt=0)
    """Open at once, of one person: a socket for each window."""
    most_sockets_of_address: int = Field(500, gt=0)
    """Open at once, from one address, signed in or not: a whole office may stand behind it."""
    most_frame_bytes: int = Field(64 * 1024, ge=1024, le=64 * 1024)
    """Of one frame: the longest question in UTF-8, with room. The server itself reads no more than 64 KiB."""
    most_frames_a_minute: int = Field(300, gt=0)
    """Received by one socket: each costs a look into the database."""
    most_followed: int = Field(32, gt=0)
    """Answers followed by one socket: each is a reader of the turn log."""
    socket_idle_seconds: float = Field(180, gt=0)
    """Without a frame from the client and without an answer that it follows. The page sends a ping every 25 seconds; a
    browser holds a hidden page's back to one in a minute."""
    socket_send_seconds: float = Field(20, gt=0)
    """That one frame may wait for a client that does not take it."""
    handshake_seconds: float = Field(10, gt=0)
    """From the connection to the end of the request's headers, and from there until a socket is let in."""

    upload_max_bytes: int = Field(200 * 1024 * 1024, gt=0)
    """Of one file: a long handbook with pictures."""
    most_files_at_once: int = Field(100, gt=0)
    """In one upload: each is taken in within the same request."""
    most_largest_files_at_once: int = Field(4, gt=0)
    """An upload's body may hold this many files of the largest size: it waits on disk until all of it is there."""
    most_files_in_archive: int = Field(1000, gt=0)
    """In one ZIP, all taken in within the same request: a handbook with its appendices. Unpacked they may be as large
    together as an upload's body."""
    most_body_bytes: int = Field(1024 * 1024, gt=0)
    """Of every request but an upload: it is held in memory."""

    @property
    def most_bytes_at_once(self) -> int:
        """Of the files of one upload, or of one ZIP when it is unpacked."""
        return self.most_largest_files_at_once * self.upload_max_bytes

    sign_in_window_seconds: int = Field(15 * 60, gt=0)
    """In which failed attempts to sign in are counted: with the numbers below, a guesser gets 20 an hour at most."""
    most_sign_in_failures: int = Field(5, gt=0)
    """At one account from one address: whoever mistypes more often has forgotten."""
    most_sign_in_failures_of_address: int = Field(30, gt=0)
    """At all accounts from one address: a whole office may stand behind it."""
    most_sign_in_failures_of_account: int = Field(60, gt=0)
    """At one account from all addresses: enough to stop many guessers, too much to lock its owner out in passing."""

    reset_window_seconds: int = Field(60 * 60, gt=0)
    """In which requests for a new password are counted: each sends a mail."""
    most_resets: int = Field(3, gt=0)
    """For one account from one address: a mail may get lost twice."""
    most_resets_of_address: int = Field(20, gt=0)
    """For all accounts from one address: a whole office may stand behind it."""
    most_resets_of_account: int = Field(6, gt=0)
    """For one account from all addresses: nobody's mailbox is filled."""

    key_requests_a_minute: int = Field(120, gt=0)
    """With one API key: two a second, which is more often than polling an answer needs."""
    most_keys: int = Field(50, gt=0)
    """Valid API keys of one person: one for each script."""
    key_days: int = Field(90, gt=0)
    """How long an API key is valid where its maker does not say."""
    most_key_days: int = Field(365, gt=0)
    """How long it can be made valid at most."""

    most_glossary_entries: int = Field(2000, gt=0)
    """Names that the company has for its things: each is looked for in every question."""

    most_golden_questions: int = Field(1000, gt=0)
    """That one person may run: each is a search, so that all of them take some minutes."""

    most_source_items: int = Field(100_000, gt=0)
    """That one source may list: each is compared with what is known of it, in memory."""
