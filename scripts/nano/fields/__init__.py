"""The five fields of the corpus, in the order in which they are generated."""

from . import finance, manufacturing, medical, pharma, retail

FIELDS = [manufacturing.FIELD, retail.FIELD, pharma.FIELD, medical.FIELD, finance.FIELD]
