"""What a mail system decides: who may send, where mail goes, when it is tried again.

Nothing here waits, reads a clock or draws a number: time and randomness are arguments.
"""

__all__: list[str] = []
