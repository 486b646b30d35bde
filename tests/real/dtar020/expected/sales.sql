SELECT f.name, count(*) AS sales, sum(c.quantity) AS pieces, printf('%.2f', sum(c.amount)) AS amount,
       sum(CASE WHEN c.amount < 0 THEN 1 ELSE 0 END) AS returns
FROM conversion c JOIN etl_batch b ON b.batch_no = c.batch_no JOIN etl_file f ON f.unit_id = b.unit_id
GROUP BY 1 ORDER BY 1
