# Driver for the TMP102 thermometer (Texas Instruments, SBOS397).
#
#     sensor = TMP102(pyb.I2C(1, pyb.I2C.CONTROLLER))
#     print(sensor.temperature())

from micropython import const

_TEMPERATURE = const(0)
_CONFIGURATION = const(1)
_T_LOW = const(2)
_T_HIGH = const(3)

_SHUTDOWN = const(0x0100)
_EXTENDED = const(0x0010)


class SensorError(Exception):
    pass


class TMP102:
    def __init__(self, i2c, address=0x48, attempts=3):
        self._i2c = i2c
        self._address = address
        self._attempts = attempts
        self._extended = bool(self._read(_CONFIGURATION) & _EXTENDED)

    def temperature(self):
        """Degrees Celsius."""
        raw = self._read(_TEMPERATURE)
        # Normal mode has 12 bits, extended mode 13; both are left-aligned two's complement.
        bits = 13 if self._extended else 12
        value = raw >> (16 - bits)
        if value & (1 << (bits - 1)):
            value -= 1 << bits
        return value / 16

    def extended(self, on):
        """Extended mode measures up to 150 degrees instead of 128."""
        configuration = self._read(_CONFIGURATION)
        configuration = configuration | _EXTENDED if on else configuration & ~_EXTENDED
        self._write(_CONFIGURATION, configuration)
        self._extended = on

    def shutdown(self, on):
        configuration = self._read(_CONFIGURATION)
        self._write(_CONFIGURATION, configuration | _SHUTDOWN if on else configuration & ~_SHUTDOWN)

    def limits(self, low, high):
        """The alert pin becomes active above high, and inactive below low."""
        if low >= high:
            raise ValueError('low must be below high')
        self._write(_T_LOW, self._encode(low))
        self._write(_T_HIGH, self._encode(high))

    def _encode(self, degrees):
        shift = 3 if self._extended else 4
        return (round(degrees * 16) << shift) & 0xFFFF

    # A sensor on a long cable misses a message now and then: three attempts, then a clear error.
    def _try(self, action):
        for attempt in range(self._attempts):
            try:
                return action()
            except OSError as error:
                last = error
        raise SensorError('TMP102 at 0x%02x does not answer (%s)' % (self._address, last.errno))

    def _read(self, register):
        data = self._try(lambda: self._i2c.mem_read(2, self._address, register))
        return data[0] << 8 | data[1]

    def _write(self, register, value):
        self._try(lambda: self._i2c.mem_write(bytes((value >> 8, value & 0xFF)), self._address, register))
