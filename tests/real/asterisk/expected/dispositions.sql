SELECT disposition, count(*) AS calls, sum(talk_seconds) AS billed, sum(wait_seconds + talk_seconds) AS seconds
FROM campaign_response GROUP BY 1
UNION ALL SELECT 'all', count(*), sum(talk_seconds), sum(wait_seconds + talk_seconds) FROM campaign_response
ORDER BY 1
