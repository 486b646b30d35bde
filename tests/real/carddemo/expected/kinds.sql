SELECT p.pipeline, b.rows_read, (SELECT count(*) FROM campaign_member) AS customers,
       (SELECT count(*) FROM etl_reject) AS rejects
FROM (SELECT DISTINCT pipeline FROM etl_batch WHERE pipeline IN ('export', 'transactions')) p
JOIN (SELECT pipeline, sum(rows_read) AS rows_read FROM etl_batch GROUP BY 1) b ON b.pipeline = p.pipeline ORDER BY 1
