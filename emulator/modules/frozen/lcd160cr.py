# The LCD160CR display skin: its command set over I2C and its fast SPI path, as the data sheet of the display and MicroPython's
# documentation of the module lcd160cr 0.1.0 describe them. A command is the byte 2, a letter or number, and its arguments, little-endian.

from micropython import const
import machine
from utime import sleep_ms
from ustruct import calcsize, pack_into
import errno

PORTRAIT = const(0)
LANDSCAPE = const(1)
PORTRAIT_UPSIDEDOWN = const(2)
LANDSCAPE_UPSIDEDOWN = const(3)

STARTUP_DECO_NONE = const(0)
STARTUP_DECO_MLOGO = const(1)
STARTUP_DECO_INFO = const(2)

# The numbers that the display knows baud rates by.
_uart_baud_table = {rate: n for n, rate in enumerate((2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800))}


class LCD160CR:
    def __init__(self, connect=None, *, pwr=None, i2c=None, spi=None, i2c_addr=98):
        if connect == "C":
            spi_bus = i2c_bus = 2
            power_pin = "A7"
        elif connect in ("X", "Y", "XY", "YX"):
            spi_bus = connect[0]
            i2c_bus = connect[-1]
            power_pin = spi_bus + "4"
        elif pwr is None or i2c is None or spi is None:
            raise ValueError('must specify valid "connect" or all of "pwr", "i2c" and "spi"')
        self.pwr = machine.Pin(power_pin, machine.Pin.OUT) if pwr is None else pwr
        self.i2c = machine.I2C(i2c_bus, freq=1000000) if i2c is None else i2c
        self.spi = machine.SPI(spi_bus, baudrate=13500000, polarity=0, phase=0) if spi is None else spi
        self.i2c_addr = i2c_addr
        if not self.pwr.value():
            self.pwr(1)
            sleep_ms(10)

        # Commands and answers are put together here: buf[n] are n bytes.
        self.buf16 = bytearray(16)
        self.buf19 = bytearray(19)
        self.buf = [None]
        self.buf.extend(memoryview(self.buf16)[:n] for n in range(1, 10))
        self.buf1 = self.buf[1]
        self.array4 = [0] * 4

        self.set_orient(PORTRAIT)
        for whole in (0x76, 0x79):  # the viewport and the window
            self._fcmd2b("<BBBBBB", whole, 0, 0, self.w, self.h)

    # The display takes as much as it has room for.
    def _send(self, cmd):
        sent = self.i2c.writeto(self.i2c_addr, cmd)
        rest = memoryview(cmd)
        while sent < len(cmd):
            sent += self.i2c.writeto(self.i2c_addr, rest[sent:])
            if sent < len(cmd):
                sleep_ms(10)

    def _fcmd2(self, fmt, a0, a1=0, a2=0):
        cmd = self.buf[calcsize(fmt)]
        pack_into(fmt, cmd, 0, 2, a0, a1, a2)
        self._send(cmd)

    def _fcmd2b(self, fmt, a0, a1, a2, a3, a4=0):
        cmd = self.buf[calcsize(fmt)]
        pack_into(fmt, cmd, 0, 2, a0, a1, a2, a3, a4)
        self._send(cmd)

    # Reads an answer once the display has `n` bytes for it.
    def _waitfor(self, n, buf):
        for _ in range(5000):
            self.i2c.readfrom_into(self.i2c_addr, self.buf1)
            if self.buf1[0] >= n:
                self.i2c.readfrom_into(self.i2c_addr, buf)
                return
            sleep_ms(1)
        raise OSError(errno.ETIMEDOUT)

    # Waits until the display has room for `n` bytes of commands; it tells under its second address.
    def oflush(self, n=255):
        for _ in range(5000):
            self.i2c.readfrom_into(self.i2c_addr + 1, self.buf1)
            if self.buf1[0] >= n:
                return
            machine.idle()
        raise OSError(errno.ETIMEDOUT)

    # Throws away what the display still has to say.
    def iflush(self):
        for _ in range(5000):
            self.i2c.readfrom_into(self.i2c_addr, self.buf16)
            if not self.buf16[0]:
                return
            sleep_ms(1)
        raise OSError(errno.ETIMEDOUT)

    # A colour: five bits of blue, six of green, five of red.
    @staticmethod
    def rgb(r, g, b):
        return (b & 0xF8) << 8 | (g & 0xFC) << 3 | r >> 3

    # Cuts the line [x1, y1, x2, y2] to a width and a height, edge by edge (Cohen and Sutherland). False: nothing is left.
    @staticmethod
    def clip_line(c, w, h):
        def outside(x, y):
            across = 1 if x < 0 else 2 if x > w else 0
            return across | (8 if y < 0 else 4 if y > h else 0)

        def swap():
            c[0], c[1], c[2], c[3] = c[2], c[3], c[0], c[1]

        while True:
            first, second = outside(c[0], c[1]), outside(c[2], c[3])
            if first & second:
                return False
            edges = first | second
            if not edges:
                return True
            if edges & 3:
                if c[2] < c[0]:
                    swap()
                if edges & 1:
                    c[1] += -c[0] * (c[3] - c[1]) // (c[2] - c[0])
                    c[0] = 0
                else:
                    c[3] += (w - 1 - c[2]) * (c[3] - c[1]) // (c[2] - c[0])
                    c[2] = w - 1
            elif c[0] == c[2]:
                for y in (1, 3):
                    if edges & 4:
                        if c[y] >= h:
                            c[y] = h - 1
                    else:
                        c[y] = max(c[y], 0)
            else:
                if c[3] < c[1]:
                    swap()
                if edges & 4:
                    c[2] += (h - 1 - c[3]) * (c[2] - c[0]) // (c[3] - c[1])
                    c[3] = h - 1
                else:
                    c[0] += -c[1] * (c[2] - c[0]) // (c[3] - c[1])
                    c[1] = 0

    # Set-up

    def set_power(self, on):
        self.pwr(on)
        sleep_ms(15)

    def set_orient(self, orient):
        self._fcmd2("<BBB", 0x14, orient & 3 | 4)
        self.iflush()
        self._send(b"\x02g0")
        size = self.buf[5]
        self._waitfor(4, size)
        self.w, self.h = size[1], size[2]

    def set_brightness(self, value):
        self._fcmd2("<BBB", 0x16, value)

    def set_i2c_addr(self, addr):
        if addr & 3:
            raise ValueError("must specify mod 4 aligned address")
        self._fcmd2("<BBW", 0x0E, addr << 24 | 0x433249)

    def set_uart_baudrate(self, baudrate):
        if baudrate not in _uart_baud_table:
            raise ValueError("invalid baudrate")
        self._fcmd2("<BBB", 0x18, _uart_baud_table[baudrate])

    def set_startup_deco(self, value):
        self._fcmd2("<BBB", 0x19, value)

    def save_to_flash(self):
        self._send(b"\x02fn")

    # Pixels

    def set_pixel(self, x, y, c):
        self._fcmd2b("<BBBBH", 0x41, x, y, c)

    def get_pixel(self, x, y):
        self._fcmd2("<BBBB", 0x61, x, y)
        for _ in range(1000):
            self.i2c.readfrom_into(self.i2c_addr, self.buf1)
            if self.buf1[0] >= 2:
                answer = self.buf[3]
                self.i2c.readfrom_into(self.i2c_addr, answer)
                return answer[1] | answer[2] << 8
            sleep_ms(1)
        raise OSError(errno.ETIMEDOUT)

    # `buf` gets the number of bytes first, then two bytes for each pixel.
    def get_line(self, x, y, buf):
        pixels = len(buf) // 2
        self._fcmd2b("<BBBBB", 0x10, pixels, x, y)
        for _ in range(1000):
            self.i2c.readfrom_into(self.i2c_addr, self.buf1)
            if self.buf1[0] >= 2 * pixels:
                self.i2c.readfrom_into(self.i2c_addr, buf)
                return
            sleep_ms(1)
        raise OSError(errno.ETIMEDOUT)

    def screen_dump(self, buf, x=0, y=0, w=None, h=None):
        if w is None:
            w = self.w - x
        if h is None:
            h = self.h - y
        # An answer has a length of one byte: a wide line comes in two.
        parts = [w] if w < 128 else [(w + 1) // 2, w // 2]
        answers = [bytearray(2 * pixels + 1) for pixels in parts]
        at = 0
        for row in range(min(h, len(buf) // (2 * w))):
            left = x
            for pixels, answer in zip(parts, answers):
                self.get_line(left, y + row, answer)
                buf[at : at + 2 * pixels] = memoryview(answer)[1:]
                at += 2 * pixels
                left += pixels

    def screen_load(self, buf):
        size = 2 * self.w * self.h
        self._fcmd2b("<BBHBBB", 0x70, size + 2, 16, self.w, self.h)
        pixels = memoryview(buf)
        n = 0
        while n < len(buf):
            self._send(pixels[n : n + 512])
            n += 512
        # After a piece that was not a whole one, the rest is made black; that piece's length is not counted.
        if len(buf) & 511:
            for _ in range(len(buf) & ~511, size):
                self._send(b"\x00")

    # Text

    def set_pos(self, x, y):
        self._fcmd2("<BBBB", 0x58, x, y)

    def set_text_color(self, fg, bg):
        self._fcmd2("<BBHH", 0x63, fg, bg)

    def set_font(self, font, scale=0, bold=0, trans=0, scroll=0):
        style = scroll << 7 | trans << 6 | (font & 3) << 4 | bold & 15
        self._fcmd2("<BBBB", 0x46, style, scale & 0xFF)

    def write(self, s):
        self._send(s)

    # Drawing

    def set_pen(self, line, fill):
        self._fcmd2("<BBHH", 0x50, line, fill)

    def erase(self):
        self._send(b"\x02E")

    def dot(self, x, y):
        if 0 <= x < self.w and 0 <= y < self.h:
            self.dot_no_clip(x, y)

    # Coordinates are bytes: what begins left of the screen or above it is drawn as an interior and the edges that are left.
    def rect(self, x, y, w, h, cmd=0x72):
        if x >= self.w or y >= self.h or x + w <= 0 or y + h <= 0:
            return
        if x >= 0 and y >= 0:
            self._fcmd2b("<BBBBBB", cmd, x, y, min(w, 255), min(h, 255))
            return
        left = x >= 0
        top = y >= 0
        if not left:
            w += x
            x = 0
        if not top:
            h += y
            y = 0
        wide, high = min(w, 255), min(h, 255)
        if cmd in (0x51, 0x72):
            self._fcmd2b("<BBBBBB", 0x51, x, y, wide, high)
        if cmd in (0x57, 0x72):
            if left:
                self._fcmd2b("<BBBBBB", 0x57, x, y, 1, high)
            if top:
                self._fcmd2b("<BBBBBB", 0x57, x, y, wide, 1)
            if x + w < self.w:
                self._fcmd2b("<BBBBBB", 0x57, x + w, y, 1, high)
            if y + h < self.h:
                self._fcmd2b("<BBBBBB", 0x57, x, y + h, wide, 1)

    def rect_outline(self, x, y, w, h):
        self.rect(x, y, w, h, 0x57)

    def rect_interior(self, x, y, w, h):
        self.rect(x, y, w, h, 0x51)

    def line(self, x1, y1, x2, y2):
        ends = self.array4
        ends[0], ends[1], ends[2], ends[3] = x1, y1, x2, y2
        if self.clip_line(ends, self.w, self.h):
            self.line_no_clip(*ends)

    # Pairs of bytes, x and y each.
    def _points(self, cmd, data):
        pairs, odd = divmod(len(data), 2)
        if odd:
            raise ValueError("must specify even number of bytes")
        self._fcmd2("<BBB", cmd, pairs)
        self._send(data)

    def poly_line(self, data):
        self._points(0x78, data)

    def poly_dot(self, data):
        self._points(0x71, data)

    # For coordinates that are known to lie on the screen

    def line_no_clip(self, x1, y1, x2, y2):
        self._fcmd2b("<BBBBBB", 0x4C, x1, y1, x2, y2)

    def dot_no_clip(self, x, y):
        self._fcmd2("<BBBB", 0x4B, x, y)

    def rect_interior_no_clip(self, x, y, w, h):
        self._fcmd2b("<BBBBBB", 0x51, x, y, w, h)

    def rect_outline_no_clip(self, x, y, w, h):
        self._fcmd2b("<BBBBBB", 0x57, x, y, w, h)

    def rect_no_clip(self, x, y, w, h):
        self._fcmd2b("<BBBBBB", 0x72, x, y, w, h)

    # Touch

    def touch_config(self, calib=False, save=False, irq=None):
        self._fcmd2("<BBBB", 0x7A, (irq is not None) << 2 | save << 1 | calib, bool(irq) << 7)

    def is_touched(self):
        return self.get_touch()[0] != 0

    # (touched, x, y)
    def get_touch(self):
        self._send(b"\x02T")
        answer = self.buf[4]
        self._waitfor(3, answer)
        return answer[1] >> 7, answer[2], answer[3]

    # Speed, scrolling, pictures

    def set_spi_win(self, x, y, w, h):
        self.set_scroll_win(10, x, y, x + w - 1, y + h - 1, 0, 0, 0, 0xFFFF)

    def fast_spi(self, flush=True):
        self._send(b"\x02\x12")
        if flush:
            self.oflush()
        return self.spi

    def show_framebuf(self, buf):
        self.fast_spi().write(buf)

    def set_scroll(self, on):
        self._fcmd2("<BBB", 0x15, on)

    def set_scroll_win(self, win, x=-1, y=0, w=0, h=0, vec=0, pat=0, fill=0x07E0, color=0):
        cmd = self.buf19
        pack_into("<BBBHHHHHHHH", cmd, 0, 2, 0x55, win, x, y, w, h, vec, pat, fill, color)
        self._send(cmd)

    def set_scroll_win_param(self, win, param, value):
        self._fcmd2b("<BBBBH", 0x75, win, param, value)

    def set_scroll_buf(self, s):
        n = len(s)
        if n > 32:
            raise ValueError("length must be 32 or less")
        self._fcmd2("<BBB", 0x11, n)
        self._send(s)

    def jpeg(self, buf):
        self.jpeg_start(len(buf))
        self.jpeg_data(buf)

    # The picture may come in pieces: its length first.
    def jpeg_start(self, l):
        if l >> 16:
            raise ValueError("length must be 65535 or less")
        self.oflush()
        self._fcmd2("<BBH", 0x6A, l)

    def jpeg_data(self, buf):
        self._send(buf)

    # The rest

    def reset(self):
        self._send(b"\x02Y\xef\xbe\xad\xde")
        sleep_ms(15)

    def feed_wdt(self):
        self._send(b"\x02\x17")


__version__ = "0.1.0"
