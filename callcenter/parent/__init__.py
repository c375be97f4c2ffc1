"""``callcenter up``: a small parent that starts PostgreSQL, Asterisk and the service, and keeps each alive.

The service is restarted when it dies and replaced on ``callcenter restart``; Asterisk and PostgreSQL never go down
with it. A parent that was killed leaves all of them running: the next one takes them over.
"""
