/** The official WebAssembly port, pyscript variant, v1.27.0: 32-bit words and doubles. A process: no pins. */
import type { Board } from './board.ts';

export const webassembly: Board = {
  name: 'webassembly',
  title: 'MicroPython on WebAssembly',
  identity: {
    version: '1.27.0',
    release: 'v1.27.0 on 2025-12-10',
    platform: 'webassembly',
    machine: 'JS with Emscripten',
    build: 'pyscript',
    platformDetails: { system: 'Unix', architecture: '', compiler: 'Clang 22.0.0', library: '', libraryVersion: '' },
  },
  runtime: { wordBits: 32, float: 'double', endian: 'little', inlineAssemblers: [], compiler: true },
  // Its heap grows by taking more from its host, up to 128 MiB.
  memory: { heap: 135_242_240, stack: 32_768 },
  modules: {
    builtin: [
      '__main__',
      '_asyncio',
      'array',
      'binascii',
      'builtins',
      'cmath',
      'collections',
      'deflate',
      'errno',
      'framebuf',
      'gc',
      'hashlib',
      'heapq',
      'io',
      'json',
      'math',
      'micropython',
      'os',
      'platform',
      'random',
      're',
      'select',
      'struct',
      'sys',
      'time',
      'uctypes',
      'vfs',
    ],
    // The official build also freezes some thirty modules of micropython-lib, which are not part of MicroPython.
    frozen: ['asyncio/__init__', 'asyncio/core', 'asyncio/event', 'asyncio/funcs', 'asyncio/lock'],
    path: ['', '.frozen', '/lib'],
  },
};
