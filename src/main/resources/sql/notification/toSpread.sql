SELECT EXISTS (SELECT FROM notification WHERE NOT spread) AS waiting
