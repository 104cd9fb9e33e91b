"""Measuring with golden questions: what search finds, what an answer says, what is refused.

Ports come as parameters; nothing here builds an adapter, and nothing that is measured is tuned here.
"""
