# A firmware that stands alone: its scripts are frozen.
freeze("scripts", ("boot.py", "main.py"))
