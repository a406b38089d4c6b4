# The thermometer: one DS18B20 alone on its wire.

from onewire import OneWire



class Probe:
    def __init__(self, pin):
        self._wire = OneWire(pin)

    def start(self):
        """Begins a measurement; it takes 750 ms."""
        if self._wire.reset():
            self._wire.writebyte(0xCC)
            self._wire.writebyte(0x44)

    def temperature(self):
        """Degrees, or None when the probe is gone or what it says is damaged."""
        if not self._wire.reset():
            return None
        self._wire.writebyte(0xCC)
        self._wire.writebyte(0xBE)
        data = bytearray(9)
        self._wire.readinto(data)
        # A wire that is stuck low reads as zeros, and their checksum is right.
        if self._wire.crc8(data) or not any(data):
            return None
        raw = data[1] << 8 | data[0]
        return (raw - 0x10000 if raw & 0x8000 else raw) / 16
