"""What customers did and said afterwards: whether they had to come back, and what they answered when asked."""

from agents.fleet.enums import Function
from console.kpis.scope import RAN, WRONG

TURNED_TO = tuple(each.value for each in (Function.SUPPORT, Function.BILLING, Function.RETENTION))
"""Departments that customers turn to by themselves. Others write first, again and again, on purpose."""
# Among all runs there ever were only the few that are of another one are read: IS NOT NULL finds them by their index.
# A case is a done conversation with a customer whose address is known. It took more than one contact when it was run
# again, or the same customer spoke with the same department within the window, before or after.
CUSTOMERS = f"""{RAN},
told AS (
  SELECT ran.id, recent, day, part, state = 'done' AS done, t.id IS NOT NULL AS named, {WRONG} AS wrong,
    EXISTS (SELECT FROM runs_run o WHERE o.rerun_of_id = ran.id AND o.rerun_of_id IS NOT NULL)
    OR t.id IS NOT NULL AND EXISTS (
      SELECT FROM channels_touch o JOIN fleet_agent b ON b.id = o.agent_id
      WHERE o.contact_id = t.contact_id AND o.id <> t.id AND b.function = ran.function
        AND o.at BETWEEN t.at - %(again)s AND t.at + %(again)s) AS again
  FROM ran LEFT JOIN channels_touch t ON t.run_id = ran.id
  WHERE ran.function IN {TURNED_TO} AND ran.state IN ('done', 'failed', 'quarantined')),
said AS (
  SELECT told.*, c.score AS csat, n.score AS nps FROM told
  LEFT JOIN channels_rating c ON c.run_id = told.id AND c.survey = 'csat'
  LEFT JOIN channels_rating n ON n.run_id = told.id AND n.survey = 'nps')
SELECT recent, day, part,
  count(*) FILTER (WHERE done AND named) AS cases, count(*) FILTER (WHERE done AND named AND NOT again) AS at_once,
  count(csat) AS csat_answers, count(*) FILTER (WHERE csat >= 4) AS satisfied,
  count(*) FILTER (WHERE csat IS NULL) AS unasked,
  count(*) FILTER (WHERE csat IS NULL AND done AND NOT wrong AND NOT again) AS content,
  count(nps) AS nps_answers, count(*) FILTER (WHERE nps >= 9) - count(*) FILTER (WHERE nps <= 6) AS promoted
FROM said GROUP BY GROUPING SETS ((recent), (recent, day), (recent, part))
"""
