"""The accountant's page: panels and widgets. The only place that imports ipywidgets.

The page never sends. Its Send button freezes a batch and starts the monthly notebook; what happens
then is read from the journal, so that a closed tab changes nothing and a new one shows the same run.
"""
