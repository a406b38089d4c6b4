# The 1-Wire bus: the search for devices and whole bytes, over `_onewire`'s time slots (Maxim, application notes 126 and 187).

import _onewire as _ow


class OneWireError(Exception):
    pass


class OneWire:
    SEARCH_ROM = 0xF0
    MATCH_ROM = 0x55
    SKIP_ROM = 0xCC

    def __init__(self, pin):
        self.pin = pin
        pin.init(pin.OPEN_DRAIN, pin.PULL_UP)

    def reset(self, required=False):
        present = _ow.reset(self.pin)
        if required and not present:
            raise OneWireError
        return present

    def readbit(self):
        return _ow.readbit(self.pin)

    def readbyte(self):
        return _ow.readbyte(self.pin)

    def readinto(self, buf):
        for i in range(len(buf)):
            buf[i] = self.readbyte()

    def writebit(self, value):
        return _ow.writebit(self.pin, value)

    def writebyte(self, value):
        return _ow.writebyte(self.pin, value)

    def write(self, buf):
        for byte in buf:
            self.writebyte(byte)

    def select_rom(self, rom):
        self.reset()
        self.writebyte(self.MATCH_ROM)
        self.write(rom)

    def scan(self):
        found = []
        rom = None
        branch = 65
        # No more than 255 devices are looked for.
        for _ in range(255):
            rom, branch = self._search_rom(rom, branch)
            if rom:
                found.append(rom)
            if not branch:
                break
        return found

    # One pass of the search: the next device after `l_rom`, which differs from it first in bit `diff`, counted down from 64.
    # Returns its identity and where the next pass is to differ; 0: nowhere.
    def _search_rom(self, l_rom, diff):
        if not self.reset():
            return None, 0
        self.writebyte(self.SEARCH_ROM)
        last = l_rom or bytearray(8)
        rom = bytearray(8)
        branch = 0
        for n in range(64):
            place = 64 - n
            byte, mask = n >> 3, 1 << (n & 7)
            bit, inverse = self.readbit(), self.readbit()
            if bit and inverse:
                # Nobody answers, or something is wrong.
                return None, 0
            if not bit and not inverse:
                # There are devices of both kinds: the ones first, where the last pass took the zeros.
                if diff > place or (diff != place and last[byte] & mask):
                    bit = 1
                    branch = place
            self.writebit(bit)
            if bit:
                rom[byte] |= mask
        return rom, branch

    def crc8(self, data):
        return _ow.crc8(data)


__version__ = "0.1.0"
