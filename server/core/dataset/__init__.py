"""What an analyst receives: the variables of a form over all its versions, and the cells of its interviews.

`shape` says which variables there are, `pages` reads interviews as columns, `asked` tells why a cell is
empty, `fields` lays columns out, `coding` and `naming` turn them into what Stata and SPSS understand,
`policy` and `protection` say what may leave, `codebook` and `ddi` describe it all.
"""
