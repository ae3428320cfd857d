# The developer's tools: python -m tools.NAME
# MIT licence
