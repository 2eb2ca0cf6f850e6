"""The simulated world: SimPy processes that let hosts speak SMTP over a network.

To follow one message: ``traffic`` and ``workloads`` (it is due), ``client`` (it is submitted),
``conversation`` and ``network`` (flights travel), ``service`` and ``mailhost`` (it is taken
over), ``relay``, ``nexthop``, ``resolver``, ``iteration`` and ``nameserver`` (it goes on).
``clock`` tells the time, ``streams`` the random numbers, ``ledger`` who is responsible;
``world`` holds them all.
"""

__all__: list[str] = []
