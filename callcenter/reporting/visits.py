"""What became of every call, as SQL: the one place that says what a stay in a queue is.

``definitions.py`` says it in words.

A *visit* is one caller's stay in one queue: the wait and ring segments that follow each other, up to the talk,
the hang-up or the way out. The queue it began in is credited; a caller who is transferred to another queue
pays a second visit there. Beside what became of the visit each row tells, once for each caller, what became of them
over all their visits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from callcenter.db.engine import ReadSession, WriteSession

REFUSED: Final = ("lines_busy", "unknown_number")
"""How calls end that were only told why they were not let in."""
SHORT_ABANDON_S: Final = 5.0
"""Who hangs up within so many seconds of entering a queue did not give the service a chance."""
LONGEST_CALL: Final = timedelta(days=1)
"""Whoever is in a stretch of time began to call so long before it at most."""

# Bind names: begin and end (when calls may have begun; end is not included), now, refused.
STAYS: Final = """
WITH chosen AS (
    SELECT id, direction, hotline, trunk, started_at, answered_at, ended_at, ended_by, end_reason FROM contacts
    WHERE NOT drill AND started_at >= :begin AND started_at < :end
), marked AS (
    SELECT s.contact_id, s.seq, s.kind, s.queue, s.agent_id, s.started_at, s.ended_at,
           s.kind IN ('wait', 'ring') AS waiting,
           lag(s.kind IN ('wait', 'ring')) OVER (PARTITION BY s.contact_id ORDER BY s.seq) AS waited_before
    FROM segments s JOIN chosen c ON c.id = s.contact_id
    WHERE c.direction = 'inbound' AND s.track = 0
), numbered AS (
    SELECT *, count(*) FILTER (WHERE waiting AND waited_before IS NOT TRUE)
                  OVER (PARTITION BY contact_id ORDER BY seq) AS visit,
           extract(epoch FROM coalesce(ended_at, CAST(:now AS timestamptz)) - started_at) AS seconds
    FROM marked
), visits AS (
    SELECT contact_id, visit, (array_agg(queue ORDER BY seq) FILTER (WHERE waiting))[1] AS queue,
           min(started_at) FILTER (WHERE waiting) AS entered_at,
           max(ended_at) FILTER (WHERE waiting) AS left_at,
           min(started_at) FILTER (WHERE kind = 'talk') AS answered_at,
           bool_and(waiting) AS still_in_line,
           (array_agg(agent_id ORDER BY seq) FILTER (WHERE kind = 'talk'))[1] AS agent_id,
           coalesce(sum(seconds) FILTER (WHERE kind IN ('talk', 'conference')), 0) AS talk_s,
           coalesce(sum(seconds) FILTER (WHERE kind IN ('hold', 'consult')), 0) AS hold_s
    FROM numbered WHERE visit > 0 GROUP BY contact_id, visit
), fated AS (
    SELECT v.*, c.hotline, c.trunk,
           CASE WHEN v.answered_at IS NOT NULL THEN 'answered'
                WHEN still_in_line AND c.ended_at IS NULL THEN 'waits'
                WHEN still_in_line AND c.ended_by = 'caller' THEN 'hung_up'
                ELSE 'left' END AS fate,
           coalesce(CASE WHEN still_in_line THEN c.ended_at ELSE v.left_at END, CAST(:now AS timestamptz)) AS gone_at
    FROM visits v JOIN chosen c ON c.id = v.contact_id
), stays AS (
    SELECT contact_id, visit, entered_at AS at, hotline, trunk, queue, agent_id, talk_s, hold_s, fate,
           extract(epoch FROM coalesce(answered_at, gone_at) - entered_at) AS wait_s,
           CASE WHEN visit > 1 THEN NULL
                WHEN bool_or(fate = 'answered') OVER caller THEN 'answered'
                WHEN bool_or(fate = 'waits') OVER caller THEN 'waits'
                WHEN bool_or(fate = 'hung_up') OVER caller THEN 'hung_up'
                ELSE 'left' END AS caller_fate,
           CASE WHEN visit = 1 THEN extract(
               epoch FROM coalesce(min(answered_at) OVER caller, max(gone_at) OVER caller) - entered_at)
           END AS caller_wait_s
    FROM fated WINDOW caller AS (PARTITION BY contact_id)
)
"""

# One row for each stay, and one for each call that never came to a queue or was ours. Materialized: of a condition on
# ``at`` PostgreSQL expects one row to be left, and would work out the wrap-ups anew for each that is.
FACTS: Final = (
    STAYS
    + """, wraps AS (
    SELECT h.contact_id, h.visit,
           sum(extract(epoch FROM coalesce(l.ended_at, CAST(:now AS timestamptz)) - l.started_at)) AS wrap_s
    FROM (SELECT contact_id, agent_id, max(visit) AS visit FROM numbered
          WHERE visit > 0 AND agent_id IS NOT NULL AND NOT waiting GROUP BY contact_id, agent_id) h
    JOIN agent_state_log l ON l.call_id = h.contact_id AND l.account_id = h.agent_id AND l.state = 'wrap_up'
         AND l.started_at >= :begin AND l.started_at < CAST(:end AS timestamptz) + interval '1 day'
    GROUP BY h.contact_id, h.visit
), rated AS (
    SELECT r.contact_id, count(*) AS ratings, sum(r.score) AS score
    FROM ratings r JOIN chosen c ON c.id = r.contact_id GROUP BY r.contact_id
), facts AS MATERIALIZED (
    SELECT s.contact_id, s.visit, s.at, s.hotline, s.trunk, s.queue, s.agent_id, s.fate, s.wait_s, s.caller_fate,
           s.caller_wait_s, s.talk_s, s.hold_s, coalesce(w.wrap_s, 0) AS wrap_s,
           CASE WHEN s.last THEN coalesce(r.ratings, 0) ELSE 0 END AS ratings,
           CASE WHEN s.last THEN coalesce(r.score, 0) ELSE 0 END AS score
    FROM (SELECT *, row_number() OVER (PARTITION BY contact_id ORDER BY fate = 'answered' DESC, visit DESC) = 1 AS last
          FROM stays) s
    LEFT JOIN wraps w ON w.contact_id = s.contact_id AND w.visit = s.visit
    LEFT JOIN rated r ON r.contact_id = s.contact_id
    UNION ALL
    SELECT c.id, 0, c.started_at, c.hotline, c.trunk, NULL, NULL, k.fate, NULL, k.fate, NULL, 0, 0, 0,
           coalesce(r.ratings, 0), coalesce(r.score, 0)
    FROM chosen c LEFT JOIN rated r ON r.contact_id = c.id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN c.direction = 'outbound' THEN CASE WHEN c.answered_at IS NOT NULL THEN 'reached'
                                                WHEN c.ended_at IS NULL THEN 'calls' ELSE 'not_reached' END
        WHEN c.end_reason = ANY (CAST(:refused AS text[])) THEN 'refused'
        WHEN c.ended_at IS NULL THEN 'in_menu' ELSE 'menu' END AS fate) k
    WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.contact_id = c.id)
)
"""
)

# What is counted over rows that have fate, wait_s and level_s. Bind: short_s.
COUNTS: Final = """
       count(*) FILTER (WHERE fate = 'answered') AS answered,
       count(*) FILTER (WHERE fate = 'hung_up' AND wait_s > :short_s) AS abandoned,
       count(*) FILTER (WHERE fate = 'hung_up' AND wait_s <= :short_s) AS short_abandoned,
       count(*) FILTER (WHERE fate = 'left') AS flowed_out,
       count(*) FILTER (WHERE fate = 'waits') AS waiting,
       count(*) FILTER (WHERE fate = 'waits' AND wait_s > level_s) AS waiting_late,
       count(*) FILTER (WHERE fate = 'answered' AND wait_s <= level_s) AS in_time,
       coalesce(sum(wait_s) FILTER (WHERE fate = 'answered'), 0) AS answered_wait_s
"""

# What each queue promised and since when, oldest first: one row a queue, or a join would meet each stay with all that
# its queue ever promised. A CTE to put behind the others, its join to rows that have queue and at, called r, and the
# seconds of each row's time: the first that are known hold for what was before them.
TARGETS: Final = """, targets AS (
    SELECT queue AS of_queue, array_agg(since ORDER BY since) AS since, array_agg(within_s ORDER BY since) AS within_s
    FROM queue_targets GROUP BY queue
)"""
ITS_TARGET: Final = "LEFT JOIN targets t ON t.of_queue = r.queue"
ITS_SECONDS: Final = "t.within_s[greatest(1, width_bucket(r.at, t.since))]"

_TUNED: Final = text("SELECT set_config('random_page_cost', '1.1', true), set_config('work_mem', '64MB', true)")


async def tune(session: ReadSession | WriteSession) -> None:
    """For this unit of work: a day's calls are looked up by index, and sums are made in memory. As PostgreSQL comes, it
    expects slow disks and reads all segments there ever were, to find those of a day."""
    await session.execute(_TUNED)
