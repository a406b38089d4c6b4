# The journal: one line an event, on a filesystem of its own that is sound after a power cut at any time. Each line is whole or not there.

import os
import vfs

_PATH = "/log/journal.txt"


class Journal:
    def __init__(self, device):
        try:
            filesystem = vfs.VfsLfs2(device)
        except OSError:
            # A new memory.
            vfs.VfsLfs2.mkfs(device)
            filesystem = vfs.VfsLfs2(device)
        vfs.mount(filesystem, "/log")
        self.starts = sum(line.endswith(" start\n") for line in self.lines()) + 1
        self.add(0, "start")

    def lines(self):
        try:
            with open(_PATH) as file:
                return list(file)
        except OSError:
            return []

    def add(self, seconds, event):
        # What is written counts from the moment of the close: littlefs then swings from the old file to the new one.
        with open(_PATH, "a") as file:
            file.write("%d %s\n" % (seconds, event))

    def last_target(self):
        """The last target that somebody set, or None."""
        target = None
        for line in self.lines():
            words = line.split()
            if len(words) == 3 and words[1] == "target":
                target = float(words[2])
        return target
