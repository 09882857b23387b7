"""Statistical disclosure control: how much a table gives away of the people in it, and how to give less.

keys        answers become codes, and records with the same codes become groups
risk        sample and population frequencies, individual, file and household risk
suda        minimal sample uniques and their scores
diversity   l-diversity and t-closeness of what is sensitive
recode      planned recodes: ranges, top codes, months, parents
lattice     the mildest recodes among several levels of each key
suppress    blanks the fewest cells
protect     the three together, and measured again
tables      counts with margins: what is hidden, and what a linear program still finds
gate        what a release must fulfil before it leaves

Keys are an array of codes, one row a record and one column a key; -1 is a missing answer. Numbers agree with
sdcMicro's (Templ, Kowarik, Meindl 2015, Journal of Statistical Software 67(4)).
"""
