"""How well passages meet gold questions: measures, intervals, comparisons. Pure: no file, no store."""
