SELECT m.campaign_part_id, m.arm, count(*) AS members,
       (SELECT count(*) FROM campaign_response r WHERE r.campaign_part_id = m.campaign_part_id) AS visits,
       (SELECT count(*) FROM conversion c WHERE c.campaign_part_id = m.campaign_part_id) AS conversions,
       (SELECT printf('%.2f', sum(c.amount)) FROM conversion c WHERE c.campaign_part_id = m.campaign_part_id) AS spend
FROM campaign_member m GROUP BY 1, 2 ORDER BY 1
