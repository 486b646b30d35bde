SELECT source_system, count(*) AS transactions, printf('%.2f', sum(amount)) AS total,
       sum(CASE WHEN amount < 0 THEN 1 ELSE 0 END) AS negative
FROM conversion GROUP BY 1 ORDER BY 1
