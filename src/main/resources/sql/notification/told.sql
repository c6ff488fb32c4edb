SELECT once FROM notification WHERE once = ANY (:onces::text[])
