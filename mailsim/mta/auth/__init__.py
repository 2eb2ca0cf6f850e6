"""Who may use a domain's name, and how a domain's mail is to be carried: SPF, DKIM, DMARC.

Evaluations that need the DNS are generators: they yield the name and type of a question, and are
sent the :class:`~mailsim.dns.Answer`.  Who drives them, and in which time, they do not know.
"""

__all__: list[str] = []
