"""The product's own fire drill: real SIP calls through the running system, and what came of them."""
