# A W25Q flash memory as a block device for a filesystem: blocks are its sectors, the smallest that it can erase.

from micropython import const

_SECTOR = const(4096)
_PAGE = const(256)


class SpiFlash:
    def __init__(self, spi, select):
        self._spi = spi
        self._select = select
        select(1)
        maker, _, capacity = self._command(b"\x9f", 3)
        if maker in (0x00, 0xFF):
            raise OSError(19)  # ENODEV: nobody drives the line
        self._sectors = (1 << capacity) // _SECTOR

    def _command(self, head, answer=0, data=None):
        self._select(0)
        try:
            self._spi.write(head)
            if data is not None:
                self._spi.write(data)
            return self._spi.read(answer) if answer else None
        finally:
            self._select(1)

    def _address(self, code, at):
        return bytes((code, at >> 16, at >> 8 & 0xFF, at & 0xFF))

    # Begins a change of the memory, and waits until it is done.
    def _change(self, head, data=None):
        self._command(b"\x06")
        self._command(head, data=data)
        while self._command(b"\x05", 1)[0] & 1:
            pass

    def readblocks(self, block, buf, offset=0):
        self._select(0)
        self._spi.write(self._address(0x03, block * _SECTOR + offset))
        self._spi.readinto(buf)
        self._select(1)

    def writeblocks(self, block, buf, offset=0):
        at = block * _SECTOR + offset
        view = memoryview(buf)
        while view:
            # A page is programmed at a time.
            room = _PAGE - at % _PAGE
            self._change(self._address(0x02, at), view[:room])
            at += room
            view = view[room:]

    def ioctl(self, op, arg):
        if op == 4:  # how many blocks
            return self._sectors
        if op == 5:  # how large they are
            return _SECTOR
        if op == 6:  # erase one
            self._change(self._address(0x20, arg * _SECTOR))
            return 0
