"""Whether the address that web is to listen on can be had; asked before anything slow begins."""

import errno
import os
import socket

from kbchat.embedded.errors import EmbeddedError


def claim_port(host: str, port: int) -> int:
    """The port that web can listen on: `port`, or a free one for 0. Raises EmbeddedError with the next step."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the server itself will: connections of an earlier run that are still closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except socket.gaierror as error:
        raise EmbeddedError(
            f"{host} is not an address of this machine ({error.strerror}).",
            next_step="Set KBCHAT_HOST to 127.0.0.1, or to an address that this machine has.",
        ) from error
    except OSError as error:
        raise _refused(host, port, error) from error


def _refused(host: str, port: int, error: OSError) -> EmbeddedError:
    if error.errno == errno.EADDRINUSE:
        return EmbeddedError(
            f"Port {port} of {host} is taken by another program.",
            next_step="End that program, or choose another port: KBCHAT_PORT=8010 make run",
        )
    if error.errno == errno.EACCES:
        return EmbeddedError(
            f"Port {port} is reserved for root.", next_step="Set KBCHAT_PORT to 1024 or more, such as 8000."
        )
    return EmbeddedError(
        f"Cannot listen on {host}, port {port} ({os.strerror(error.errno or 0)}).",
        next_step="Set KBCHAT_HOST and KBCHAT_PORT to an address that this machine has.",
    )
