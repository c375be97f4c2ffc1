"""What agents did, as SQL: in slots of a quarter of an hour, so that all longer intervals are sums of them.

Times come from the log of states, cut exactly where a slot begins and ends; counts from the segments that began in it.
"""

from __future__ import annotations

from typing import Final

LONGEST_STATE_DAYS: Final = 8
"""Nobody stays in one state for longer: sessions end before. It bounds how far back the log is read."""

# Bind names: begin, end (of the time that is told of; multiples of a quarter of an hour) and now.
CUT: Final = f"""
WITH spans AS (
    SELECT account_id AS agent_id, state, reason, greatest(started_at, CAST(:begin AS timestamptz)) AS since,
           least(coalesce(ended_at, CAST(:now AS timestamptz)), CAST(:now AS timestamptz),
                 CAST(:end AS timestamptz)) AS until
    FROM agent_state_log
    WHERE started_at > CAST(:begin AS timestamptz) - interval '{LONGEST_STATE_DAYS} days' AND started_at < :end
      AND (ended_at IS NULL OR ended_at > :begin) AND state <> 'offline'
), cut AS (
    SELECT agent_id, state, reason, slot,
           extract(epoch FROM least(until, slot + interval '15 minutes') - greatest(since, slot)) AS seconds
    FROM spans, generate_series(date_bin('15 minutes', since, '2000-01-01 00:00+00'), until,
                                interval '15 minutes') AS slot
    WHERE until > since AND slot < until
)
"""

SLOTS: Final = (
    CUT
    + """, parts AS (
    SELECT date_bin('15 minutes', s.started_at, '2000-01-01 00:00+00') AS slot, s.agent_id,
           count(*) FILTER (WHERE s.kind = 'ring' AND s.result = 'answered' AND c.direction = 'inbound') AS answered,
           count(*) FILTER (WHERE s.kind = 'ring' AND (c.direction = 'inbound' OR c.purpose = 'callback')) AS offers,
           count(*) FILTER (WHERE s.kind = 'ring' AND s.result IN ('no_answer', 'unreachable')
                            AND (c.direction = 'inbound' OR c.purpose = 'callback')) AS missed,
           count(*) FILTER (WHERE s.kind IN ('talk', 'hold', 'consult', 'conference') AND s.result = 'transferred')
               AS transfers,
           count(*) FILTER (WHERE s.seq = 1 AND c.direction = 'outbound') AS outbound,
           count(*) FILTER (WHERE s.seq = 1 AND c.direction = 'outbound' AND c.answered_at IS NOT NULL) AS reached
    FROM segments s JOIN contacts c ON c.id = s.contact_id
    WHERE c.started_at > CAST(:begin AS timestamptz) - interval '1 day' AND c.started_at < :end AND NOT c.drill
      AND s.started_at >= :begin AND s.started_at < :end AND s.track = 0 AND s.agent_id IS NOT NULL
    GROUP BY 1, 2
), rated AS (
    SELECT date_bin('15 minutes', r.at, '2000-01-01 00:00+00') AS slot, last.agent_id,
           count(*) AS ratings, sum(r.score) AS score
    FROM ratings r JOIN contacts c ON c.id = r.contact_id AND NOT c.drill
    CROSS JOIN LATERAL (
        SELECT agent_id FROM segments WHERE contact_id = r.contact_id AND track = 0 AND agent_id IS NOT NULL
          AND kind IN ('talk', 'conference') ORDER BY seq DESC LIMIT 1) AS last
    WHERE r.at >= :begin AND r.at < :end GROUP BY 1, 2
), slots AS (
    SELECT slot, agent_id, sum(answered) AS answered, sum(offers) AS offers, sum(missed) AS missed,
           sum(transfers) AS transfers, sum(outbound) AS outbound, sum(reached) AS reached, sum(ratings) AS ratings,
           sum(score) AS score, sum(staffed_s) AS staffed_s, sum(ready_s) AS ready_s, sum(ring_s) AS ring_s,
           sum(talk_s) AS talk_s, sum(hold_s) AS hold_s, sum(wrap_s) AS wrap_s, sum(break_s) AS break_s,
           sum(lost_s) AS lost_s
    FROM (
        SELECT slot, agent_id, 0 AS answered, 0 AS offers, 0 AS missed, 0 AS transfers, 0 AS outbound, 0 AS reached,
               0 AS ratings, 0 AS score, seconds AS staffed_s,
               CASE WHEN state = 'ready' THEN seconds ELSE 0 END AS ready_s,
               CASE WHEN state IN ('reserved', 'ringing') THEN seconds ELSE 0 END AS ring_s,
               CASE WHEN state = 'talking' THEN seconds ELSE 0 END AS talk_s,
               CASE WHEN state IN ('hold', 'consulting') THEN seconds ELSE 0 END AS hold_s,
               CASE WHEN state = 'wrap_up' THEN seconds ELSE 0 END AS wrap_s,
               CASE WHEN state = 'break' THEN seconds ELSE 0 END AS break_s,
               CASE WHEN state = 'not_responding' THEN seconds ELSE 0 END AS lost_s
        FROM cut
        UNION ALL SELECT slot, agent_id, answered, offers, missed, transfers, outbound, reached,
                         0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM parts
        UNION ALL SELECT slot, agent_id, 0, 0, 0, 0, 0, 0, ratings, score, 0, 0, 0, 0, 0, 0, 0, 0 FROM rated
    ) AS all_parts GROUP BY slot, agent_id
)
"""
)
BREAKS: Final = (
    CUT
    + """, breaks AS (
    SELECT slot, agent_id, reason, sum(seconds) AS seconds FROM cut WHERE state = 'break' GROUP BY 1, 2, 3
)
"""
)
