"""The composition table: its rows, and how a name finds one."""
