"""A whole copy of the product."""

from tests.support.up import up

__all__ = ["up"]
