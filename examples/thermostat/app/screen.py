# The display: an SSD1306 with 128 x 32 pixels on I2C.

import framebuf

_START = bytes(
    (0xAE, 0x20, 0x00, 0xA8, 0x1F, 0xD3, 0x00, 0x40, 0xA1, 0xC8, 0xDA, 0x02, 0x81, 0x8F, 0xD9, 0xF1, 0xDB, 0x30, 0xA4, 0xA6, 0x8D, 0x14, 0xAF)
)


class Screen:
    def __init__(self, i2c, address=0x3C):
        self._i2c = i2c
        self._address = address
        self._pixels = bytearray(128 * 4)
        self._frame = framebuf.FrameBuffer(self._pixels, 128, 32, framebuf.MONO_VLSB)
        self._send(b"\x00" + _START)

    # A room without a display is heated all the same.
    def _send(self, message):
        try:
            self._i2c.writeto(self._address, message)
        except OSError:
            pass

    def show(self, temperature, target, heating):
        frame = self._frame
        frame.fill(0)
        frame.text("is   " + ("--.-" if temperature is None else "%4.1f" % temperature), 0, 0)
        frame.text("want %4.1f" % target, 0, 12)
        if heating:
            frame.fill_rect(120, 0, 8, 8, 1)
        self._send(b"\x00\x21\x00\x7f\x22\x00\x03")
        self._send(b"\x40" + self._pixels)
