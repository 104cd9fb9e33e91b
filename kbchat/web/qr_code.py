"""A QR code as the path of an SVG: the page draws it itself, so that no markup has to be trusted."""

from itertools import groupby

import qrcode

_QUIET_MODULES = 4
"""Of white around it, as the standard asks."""


def qr_path(text: str) -> tuple[int, str]:
    """The side of the square in modules, and the dark ones as the `d` of a path."""
    code = qrcode.QRCode(border=_QUIET_MODULES)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    return len(rows), "".join(_runs(row, y) for y, row in enumerate(rows))


def _runs(row: list[bool], y: int) -> str:
    """The dark modules of one row, those side by side as one rectangle."""
    drawn, x = "", 0
    for is_dark, modules in groupby(row):
        width = len(list(modules))
        drawn += f"M{x} {y}h{width}v1h-{width}z" if is_dark else ""
        x += width
    return drawn
