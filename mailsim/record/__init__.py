"""What a run leaves behind: typed rows with units, in memory or on disk."""

from mailsim.record.tables import ON_DEMAND, TABLES, Column, Table

__all__ = ["ON_DEMAND", "TABLES", "Column", "Table"]
