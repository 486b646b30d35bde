SELECT campaign_part_id, count(*) AS responders FROM campaign_response GROUP BY 1 ORDER BY 1
