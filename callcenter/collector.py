"""What Python's cycle collector is spared."""

from __future__ import annotations

import gc


def set_apart() -> None:
    """Put all that is there now beyond the collector's reach: what is loaded stays, and copies of it stay shared.

    ``gc.freeze`` alone leaves the collector counting what it no longer looks at: a full collection would wait until a
    quarter as many new objects have grown old, some hundred thousand here, and what died in cycles meanwhile (a lost
    database connection with all its statements, say) would stay for hours. A full collection right afterwards has
    nothing to walk, and counts anew.
    """
    gc.freeze()
    gc.collect()
