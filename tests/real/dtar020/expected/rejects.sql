SELECT ordinal, field, text, code FROM etl_reject ORDER BY 1
