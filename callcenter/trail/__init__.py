"""The audit, read: who did what, when and to whom, in words."""
