SELECT 'members' AS what, count(*) AS rows, NULL AS amount FROM campaign_member
UNION ALL SELECT 'cost', count(*), printf('%.2f', sum(amount)) FROM campaign_cost
UNION ALL SELECT 'revenue', count(*), printf('%.2f', sum(amount)) FROM conversion
UNION ALL SELECT 'first customer ' || min(member_since), NULL, NULL FROM campaign_member
UNION ALL SELECT 'last customer ' || max(member_since), NULL, NULL FROM campaign_member
UNION ALL SELECT 'rejects', count(*), NULL FROM etl_reject
