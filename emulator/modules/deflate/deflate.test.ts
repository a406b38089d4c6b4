import { describe, expect, it } from 'vitest';
import { webassemblyProfile } from '../../vm/profiles.ts';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('deflate', () => {
  it('decompresses raw, zlib and gzip streams, and tells them apart', () => {
    const program = `import deflate, io
RAW = b'\\xcbH\\xcd\\xc9\\xc9W(\\xcf/\\xcaIQ\\xc8\\x18\\x1a4\\x00'
for fmt, data in ((deflate.RAW, b'KLJI\\x80A\\x00'), (deflate.ZLIB, b'x\\x9cKLJN\\xc2\\x0c\\x00b\\xd3\\x0d\\x21' if False else b'x\\x9cKLJI\\x80A\\x00#\\x97\\x05e' if False else b'x\\x9cKLJNILJN\\x02\\x00\\x1a\\xb1\\x04\\x9d')):
    for f in (fmt, deflate.AUTO):
        try:
            print(deflate.DeflateIO(io.BytesIO(data), f).read())
        except Exception as e:
            print(repr(e))
data = b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x00\\x03\\xcbH\\xcd\\xc9\\xc9\\x07\\x00\\x86\\xa6\\x106\\x05\\x00\\x00\\x00'
d = deflate.DeflateIO(io.BytesIO(data), deflate.GZIP)
print(d.read(2), d.read(), d.read())
print(deflate.DeflateIO(io.BytesIO(data)).read(), deflate.DeflateIO(io.BytesIO(data + b'rest')).readline())`;
    expect(outputOf(program)).toBe(`b'abd\`d\`d\`d\`d\`'
OSError(22,)
OSError(22,)
OSError(22,)
b'he' b'llo' b''
b'hello' b'hello'
`);
  });

  it('refuses damaged streams', () => {
    const program = `import deflate, io
good = b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x00\\x03\\xcbH\\xcd\\xc9\\xc9\\x07\\x00\\x86\\xa6\\x106\\x05\\x00\\x00\\x00'
for data in (b'', b'\\x07', good[:-1], good[:12], good[:-8] + b'\\0' * 8, b'x\\x9c\\x07', b'\\xff' * 10, b'\\x06\\x00'):
    for fmt in (deflate.AUTO, deflate.RAW, deflate.GZIP):
        try:
            print(deflate.DeflateIO(io.BytesIO(data), fmt).read())
        except Exception as e:
            print(repr(e), end=' ')
    print()
for args in ((io.BytesIO(), 9), (io.BytesIO(), 0, 4), (io.BytesIO(), 0, 16), (5,), ()):
    try:
        print(type(deflate.DeflateIO(*args)).__name__)
    except Exception as e:
        print(repr(e))`;
    expect(outputOf(program)).toBe(`EOFError() EOFError() EOFError() 
EOFError() OSError(22,) EOFError() 
EOFError() OSError(22,) EOFError() 
EOFError() OSError(22,) EOFError() 
OSError(22,) OSError(22,) OSError(22,) 
OSError(22,) EOFError() OSError(22,) 
OSError(22,) OSError(22,) OSError(22,) 
OSError(22,) OSError(22,) OSError(22,) 
ValueError('format',)
ValueError('wbits',)
ValueError('wbits',)
DeflateIO
TypeError('function missing 1 required positional arguments',)
`);
  });

  it('compresses to the very bytes that the official build gives', () => {
    const program = `import deflate, io
def compress(data, fmt, wbits=0):
    out = io.BytesIO()
    with deflate.DeflateIO(out, fmt, wbits) as d:
        d.write(data)
    return out.getvalue()
text = b''.join(b'line %d of the text, and ' % (i * i) for i in range(60))
for fmt in (deflate.AUTO, deflate.RAW, deflate.ZLIB, deflate.GZIP):
    for wbits in (0, 5, 10, 15):
        c = compress(text, fmt, wbits)
        print(fmt, wbits, len(c), c[:12], c[-8:], deflate.DeflateIO(io.BytesIO(c), fmt or deflate.RAW, wbits or 15).read() == text if fmt else '')
print(compress(b'', deflate.ZLIB), compress(b'a' * 1000, deflate.RAW), compress(bytes(range(256)), deflate.ZLIB, 9))
out = io.BytesIO()
d = deflate.DeflateIO(out, deflate.ZLIB, 8, True)
for i in range(10): d.write(b'abcabc%d' % i)
d.close()
try:
    print(out.getvalue())
except Exception as e:
    print(repr(e))`;
    expect(outputOf(program, webassemblyProfile)).toBe(`0 0 275 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\\\hlb\\x81\\xc5_\\x00' 
0 5 305 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'%eba\\x88)\\x05\\x00' 
0 10 261 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\x8c/c\\x13l\\xb1\\x0c\\x00' 
0 15 260 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\x19_\\xc6&\\xd8b\\x19\\x00' 
1 0 275 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\\\hlb\\x81\\xc5_\\x00' True
1 5 305 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'%eba\\x88)\\x05\\x00' True
1 10 261 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\x8c/c\\x13l\\xb1\\x0c\\x00' True
1 15 260 b'\\xcb\\xc9\\xccKU0P\\xc8OS(\\xc9' b'\\x19_\\xc6&\\xd8b\\x19\\x00' True
2 0 281 b'\\x18\\x95\\xcb\\xc9\\xccKU0P\\xc8OS' b'\\x81\\xc5_\\x00x}\\xf19' True
2 5 311 b'\\x18\\x95\\xcb\\xc9\\xccKU0P\\xc8OS' b'\\x88)\\x05\\x00x}\\xf19' True
2 10 267 b'(\\x91\\xcb\\xc9\\xccKU0P\\xc8OS' b'l\\xb1\\x0c\\x00x}\\xf19' True
2 15 266 b'x\\x9c\\xcb\\xc9\\xccKU0P\\xc8OS' b'\\xd8b\\x19\\x00x}\\xf19' True
3 0 293 b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x04\\x03\\xcb\\xc9' b"\\x8b\\x1c'\\xdc&\\x06\\x00\\x00" True
3 5 323 b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x04\\x03\\xcb\\xc9' b"\\x8b\\x1c'\\xdc&\\x06\\x00\\x00" True
3 10 279 b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x04\\x03\\xcb\\xc9' b"\\x8b\\x1c'\\xdc&\\x06\\x00\\x00" True
3 15 278 b'\\x1f\\x8b\\x08\\x00\\x00\\x00\\x00\\x00\\x04\\x03\\xcb\\xc9' b"\\x8b\\x1c'\\xdc&\\x06\\x00\\x00" True
b'' b'K\\x1c\\xe9\\x00\\x08F:\\x00\\x82\\x91\\x0e\\x80\`x\\x03\\x00' b"\\x18\\x95c\`dbfaec\\xe7\\xe0\\xe4\\xe2\\xe6\\xe1\\xe5\\xe3\\x17\\x10\\x14\\x12\\x16\\x11\\x15\\x13\\x97\\x90\\x94\\x92\\x96\\x91\\x95\\x93WPTRVQUS\\xd7\\xd0\\xd4\\xd2\\xd6\\xd1\\xd5\\xd370426153\\xb7\\xb0\\xb4\\xb2\\xb6\\xb1\\xb5\\xb3wptrvqus\\xf7\\xf0\\xf4\\xf2\\xf6\\xf1\\xf5\\xf3\\x0f\\x08\\x0c\\n\\x0e\\t\\r\\x0b\\x8f\\x88\\x8c\\x8a\\x8e\\x89\\x8d\\x8bOHLJNIMK\\xcf\\xc8\\xcc\\xca\\xce\\xc9\\xcd\\xcb/(,*.)-+\\xaf\\xa8\\xac\\xaa\\xae\\xa9\\xad\\xabohljnimk\\xef\\xe8\\xec\\xea\\xee\\xe9\\xed\\xeb\\x9f0q\\xd2\\xe4)S\\xa7M\\x9f1s\\xd6\\xec9s\\xe7\\xcd_\\xb0p\\xd1\\xe2%K\\x97-_\\xb1r\\xd5\\xea5k\\xd7\\xad\\xdf\\xb0q\\xd3\\xe6-[\\xb7m\\xdf\\xb1s\\xd7\\xee={\\xf7\\xed?p\\xf0\\xd0\\xe1#G\\x8f\\x1d?q\\xf2\\xd4\\xe93g\\xcf\\x9d\\xbfp\\xf1\\xd2\\xe5+W\\xaf]\\xbfq\\xf3\\xd6\\xed;w\\xef\\xdd\\x7f\\xf0\\xf0\\xd1\\xe3'O\\x9f=\\x7f\\xf1\\xf2\\xd5\\xeb7o\\xdf\\xbd\\xff\\xf0\\xf1\\xd3\\xe7/_\\xbf}\\xff\\xf1\\xf3\\xd7\\xef?\\x7f\\xff\\xfd\\x07\\x00\\xad\\xf6\\x7f\\x81"
ValueError('I/O operation on closed file',)
`);
  });
});
