# DHT11 and DHT22 sensors: what the five bytes mean that the board's `dht_readinto` receives (Aosong, data sheets).

import sys
import machine

if hasattr(machine, "dht_readinto"):
    from machine import dht_readinto
elif sys.platform == "pyboard":
    from pyb import dht_readinto
elif sys.platform[:3] == "esp":
    from esp import dht_readinto
else:
    dht_readinto = __import__(sys.platform).dht_readinto

del machine


class DHTBase:
    def __init__(self, pin):
        self.pin = pin
        self.buf = bytearray(5)

    def measure(self):
        dht_readinto(self.pin, self.buf)
        a, b, c, d, total = self.buf
        if a + b + c + d & 0xFF != total:
            raise Exception("checksum error")


class DHT11(DHTBase):
    def humidity(self):
        return self.buf[0]

    def temperature(self):
        return self.buf[2]


class DHT22(DHTBase):
    def humidity(self):
        return (self.buf[0] << 8 | self.buf[1]) * 0.1

    def temperature(self):
        high = self.buf[2]
        tenths = ((high & 0x7F) << 8 | self.buf[3]) * 0.1
        return -tenths if high & 0x80 else tenths


__version__ = "0.1.0"
