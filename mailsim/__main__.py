"""``python -m mailsim`` is the ``mailsim`` command."""

from mailsim.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
