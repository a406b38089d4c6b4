Feature: Libraries
  A board has MicroPython's subset of the standard library, and libraries of its own.

  @L4
  Scenario Outline: <module> does its work
    When the board runs "<program>"
    Then it prints:
      """
      <output>
      """

    Examples:
      | module      | program                                                                        | output                           |
      | json        | import json; print(json.dumps([1, None, True, 'x']))                           | [1, null, true, "x"]             |
      | json        | import json; print(json.loads('[1, 2.5, true]'))                                | [1, 2.5, True]                   |
      | re          | import re; print(re.match('(\\w+)=(\\d+)', 'rate=9600').group(2))               | 9600                             |
      | struct      | import struct; print(struct.unpack('<HbB', struct.pack('<HbB', 513, -1, 255))) | (513, -1, 255)                   |
      | binascii    | import binascii; print(binascii.hexlify(b'pyb'), binascii.crc32(b'123456789')) | b'707962' 3421780262             |
      | hashlib     | import hashlib, binascii; print(binascii.hexlify(hashlib.sha256(b'abc').digest())[:16]) | b'ba7816bf8f01cfea'     |
      | collections | from collections import deque; d = deque((), 3); [d.append(i) for i in range(5)]; print(list(d)) | [2, 3, 4]      |
      | collections | from collections import namedtuple; P = namedtuple('P', 'x y'); print(P(1, y=2)) | P(x=1, y=2)                    |
      | heapq       | import heapq; h = []; [heapq.heappush(h, x) for x in (5, 1, 3)]; print(heapq.heappop(h)) | 1                      |
      | array       | from array import array; print(array('h', [1, -2]))                            | array('h', [1, -2])              |
      | io          | import io; f = io.StringIO(); print('to a string', file=f); print(len(f.getvalue())) | 12                         |
      | errno       | import errno; print(errno.errorcode[errno.ENOENT])                             | ENOENT                           |
      | random      | import random; random.seed(7); a = random.getrandbits(16); random.seed(7); print(a == random.getrandbits(16)) | True |

    Examples:
      | module      | program                                             | output  |
      | math        | import math; print(math.floor(-0.5), math.sqrt(2) > 1.4) | -1 True |

  @L4
  Scenario: The u-prefixed name means the same module
    When the board runs "import ujson, json; print(ujson is json)"
    Then it prints "True"

  @L5
  Scenario Outline: <module> of MicroPython does its work
    When the board runs "<program>"
    Then it prints:
      """
      <output>
      """

    Examples:
      | module      | program                                                                    | output             |
      | micropython | import micropython; print(micropython.opt_level())                         | 0                  |
      | gc          | import gc; gc.collect(); a = gc.mem_free(); b = bytearray(1000); print(1000 <= a - gc.mem_free() <= 1300) | True |
      | uctypes     | import uctypes; b = bytearray(b'\\x34\\x12'); s = uctypes.struct(uctypes.addressof(b), {'v': uctypes.UINT16 \| 0}, uctypes.LITTLE_ENDIAN); print(hex(s.v)) | 0x1234 |
      | framebuf    | import framebuf; f = framebuf.FrameBuffer(bytearray(8), 8, 8, framebuf.MONO_VLSB); f.line(0, 0, 7, 7, 1); print(f.pixel(3, 3), f.pixel(3, 4)) | 1 0 |
      | deflate     | import deflate, io; print(deflate.DeflateIO(io.BytesIO(b'\\x4b\\x4c\\x4a\\x4e\\x49\\x05\\x00'), deflate.RAW).read()) | b'abcde' |

  @L5
  Scenario: A callback that is scheduled runs between two instructions
    When the board runs the program:
      """
      import micropython
      def later(n):
          print('scheduled', n)
      micropython.schedule(later, 7)
      for i in range(3):
          pass
      print('done')
      """
    Then it prints "scheduled 7"
    And it raises no exception

  @L11
  Scenario: A frozen module is imported like any other
    When the board runs "import asyncio, sys; print('asyncio' in sys.modules, asyncio.__name__)"
    Then it prints "True asyncio"

  @F8 @L3
  Scenario Outline: A program does the same on the reference implementation: <what>
    Given the board is a webassembly
    When the board runs the program:
      """
      <program>
      """
    Then it does the same on target "wasm"

    Examples:
      | what         | program                                                               |
      | arithmetic   | print([x ** y % 7 for x in range(4) for y in range(4)], 7 // -2, 1e100) |
      | text         | print('{:^9}\|{!r:>6}'.format('mid', 'x'), 'a-b-c'.rpartition('-'))    |
      | an exception | {}['no such key']                                                     |
      | collections  | print(sorted({'b': 1, 'a': 2}.items()), [*zip('ab', (1, 2))])          |
