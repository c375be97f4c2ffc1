"""A real Asterisk for whole processes."""

from tests.asterisk.conftest import switch

__all__ = ["switch"]
