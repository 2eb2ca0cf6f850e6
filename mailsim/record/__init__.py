"""What a run leaves behind: typed rows with units, in memory or on disk."""

from mailsim.record.tables import TABLES, Column, Table

__all__ = ["TABLES", "Column", "Table"]
