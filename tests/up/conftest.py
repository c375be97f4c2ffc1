"""A whole copy of the product."""

from tests.support.up import shared_up, up

__all__ = ["shared_up", "up"]
