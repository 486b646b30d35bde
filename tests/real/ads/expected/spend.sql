SELECT a.platform, count(*) AS rows, sum(a.impressions) AS impressions, sum(a.clicks) AS clicks,
       printf('%.6f', sum(a.spend)) AS spend,
       (SELECT printf('%.6f', sum(c.amount)) FROM campaign_cost c WHERE c.source_system = a.platform) AS cost
FROM ad_performance_daily a GROUP BY 1 ORDER BY 1
