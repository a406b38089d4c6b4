"""For the specs of frozen modules: line 9 raises."""

value = "frozen"


def fail():
    def inner():
        # The traceback names the next line.
        raise ValueError("from frozen code")

    inner()
