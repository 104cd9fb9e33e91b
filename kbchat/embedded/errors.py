"""What can go wrong with the embedded servers, in words for the person who typed the command."""


class EmbeddedError(Exception):
    """An embedded server, or the folder it lives in, cannot be used.

    `problem` says what is wrong, `next_step` what the reader can do about it; `str()` gives both.
    """

    def __init__(self, problem: str, *, next_step: str) -> None:
        super().__init__(f"{problem} {next_step}")
        self.problem = problem
        self.next_step = next_step
