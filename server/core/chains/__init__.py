"""Referral chains (snowball and respondent-driven sampling): what they look like and what they may say.

forest      who recruited whom, waves, and what is wrong with the chains
checks      findings on the chains and their coupons, each with what to do
estimate    RDS-I, RDS-II, empirical-likelihood errors
successive  Gile's successive-sampling weights
bootstrap   Salganik's bootstrap errors
diagnostics homophily, convergence, bottlenecks, heaping of network sizes
report      all of it as one document, with the conditions under which an estimate is printed
draw        the chains as a picture and as an indented list
table       the columns of a CSV as respondents
"""
