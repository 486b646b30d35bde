SELECT r.campaign_part_id, count(*) AS contacts, sum(r.response_type = 'order') AS yes,
       count(c.source_key) AS conversions, sum(r.attempt_no) AS calls, sum(r.talk_seconds) AS seconds
FROM campaign_response r LEFT JOIN conversion c ON c.source_system = r.source_system AND c.source_key = r.source_key
GROUP BY 1
UNION ALL
SELECT 'all', count(*), sum(response_type = 'order'), (SELECT count(*) FROM conversion), sum(attempt_no),
       sum(talk_seconds)
FROM campaign_response
ORDER BY 1
