import { describe, expect, it } from 'vitest';
import { outputOf } from '../../vm/test-machine.ts';

// What stands here was printed by the official builds of 1.27.0.

describe('vfs', () => {
  it('mounts block devices written in Python, and finds files under them', () => {
    const program = `import vfs, os
class RAM:
    def __init__(self, blocks): self.data = bytearray(blocks * 512)
    def readblocks(self, n, buf, off=0): buf[:] = self.data[n * 512 + off:n * 512 + off + len(buf)]
    def writeblocks(self, n, buf, off=None):
        if off is None: off = 0
        self.data[n * 512 + off:n * 512 + off + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 4: return len(self.data) // 512
        if op == 5: return 512
        if op == 6: return 0
for kind, blocks in ((vfs.VfsFat, 64), (vfs.VfsLfs2, 64)):
    bdev = RAM(blocks)
    kind.mkfs(bdev)
    vfs.mount(bdev, '/ram')
    print(sorted(e[:3:2] for e in os.ilistdir('/')) == [] if False else 'ram' in os.listdir('/'))
    with open('/ram/a.txt', 'w') as f:
        print(f.write('hello\\nworld\\n'), f.tell())
    os.mkdir('/ram/dir')
    os.chdir('/ram/dir')
    print(os.getcwd(), os.listdir(), os.listdir('/ram'))
    with open('b', 'wb') as f: f.write(b'123')
    print(os.stat('b')[6], [e[0] + ('/' if e[1] == 0x4000 else '') for e in os.ilistdir('..')], open('../a.txt').read())
    os.rename('b', '../c')
    f = open('/ram/c', 'r+b')
    print(f.seek(1), f.write(b'X'), f.seek(0), f.read(), f.seek(-1, 2), f.read(), f.seek(0, 1))
    f.close()
    for call in (lambda: open('/ram/none'), lambda: os.remove('/ram/none'), lambda: os.mkdir('/ram/dir'), lambda: os.rmdir('/ram/none'), lambda: os.chdir('/ram/c'), lambda: open('/ram/c', 'x'), lambda: f.read(), lambda: vfs.mount(bdev, '/ram'), lambda: vfs.umount('/none'), lambda: os.stat('/ram/none')):
        try:
            print(call())
        except Exception as e:
            print(repr(e))
    os.chdir('/ram')
    os.chdir('/')
    os.remove('/ram/c')
    os.rmdir('/ram/dir')
    print(os.listdir('/ram'), os.statvfs('/ram')[:2])
    vfs.umount('/ram')
    again = kind(bdev)
    print(list(again.ilistdir('/'))[0][0], again.open('/a.txt', 'r').readlines())`;
    expect(outputOf(program)).toBe(`True
12 12
/ram/dir [] ['a.txt', 'dir']
3 ['a.txt', 'dir/'] hello
world

1 1 0 b'1X3' 2 b'3' 3
OSError(2,)
OSError(2,)
OSError(17,)
OSError(2,)
OSError(2,)
OSError(17,)
OSError(22,)
OSError(1,)
OSError(22,)
OSError(2,)
['a.txt'] (512, 512)
a.txt ['hello\\n', 'world\\n']
True
12 12
/ram/dir [] ['a.txt', 'dir']
3 ['a.txt', 'dir/'] hello
world

1 1 0 b'1X3' 2 b'3' 3
OSError(2,)
OSError(2,)
OSError(17,)
OSError(2,)
OSError(2,)
OSError(17,)
ValueError()
OSError(1,)
OSError(22,)
OSError(2,)
['a.txt'] (512, 512)
a.txt ['hello\\n', 'world\\n']
`);
  });

  it('asks filesystems written in Python', () => {
    const program = `import vfs, os
class FS:
    def mount(self, readonly, mkfs): print('mount', readonly, mkfs)
    def umount(self): print('umount')
    def ilistdir(self, path):
        print('ilistdir', path)
        return iter([('a', 0x8000, 0, 5)])
    def open(self, path, mode):
        print('open', path, mode)
    def chdir(self, path):
        print('chdir', path)
    def getcwd(self): return '/here'
    def stat(self, path):
        print('stat', path)
        raise OSError(2)
    def mkdir(self, path): print('mkdir', path)
    def remove(self, path): print('remove', path)
    def rename(self, a, b): print('rename', a, b)
vfs.mount(FS(), '/fs', readonly=True)
print(os.listdir('/fs'), os.listdir('/fs/sub'))
open('/fs/f', 'rb')
os.mkdir('/fs/d')
os.remove('/fs/x')
os.rename('/fs/a', '/fs/b')
os.chdir('/fs/q')
print(os.getcwd())
try:
    os.stat('/fs/zz')
except OSError as e:
    print(repr(e))
vfs.mount(FS(), '/fs2')
try:
    os.rename('/fs/a', '/fs2/b')
except OSError as e:
    print(repr(e))
os.chdir('/')
vfs.umount('/fs')
vfs.umount('/fs2')`;
    expect(outputOf(program)).toBe(`mount True False
ilistdir /
ilistdir /sub
['a'] ['a']
open /f rb
mkdir /d
remove /x
rename /a /b
chdir /q
/fs/here
stat /zz
OSError(2,)
mount False False
OSError(1,)
umount
umount
`);
  });
});
