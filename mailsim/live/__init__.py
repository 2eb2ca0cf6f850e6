"""The machines of :mod:`mailsim.smtp` on real sockets, with real time.

Read :mod:`~mailsim.live.book` (what is recorded), :mod:`~mailsim.live.host` (what a server
decides), :mod:`~mailsim.live.connection` and :mod:`~mailsim.live.server`; then
:mod:`~mailsim.live.client`.
"""

__all__: list[str] = []
