/**
 * The official QEMU port on the `virt` machine with a 32-bit RISC-V core, v1.27.0. It has RAM, a serial port and nothing
 * else: no pins. From ports/qemu (boards/VIRT_RV32, mpconfigport.h).
 */
import type { Board } from './board.ts';

export const qemuVirtRv32: Board = {
  name: 'qemu-virt-rv32',
  title: 'RV32 under QEMU',
  identity: {
    version: '1.27.0',
    release: 'v1.27.0 on 2025-12-09',
    platform: 'qemu',
    machine: 'virt with rv32imac_zicsr',
    build: 'VIRT_RV32',
    platformDetails: { system: 'MicroPython', architecture: 'riscv', compiler: 'GCC 12.2.0', library: 'newlib', libraryVersion: '4.1.0' },
  },
  runtime: { wordBits: 32, float: 'single', endian: 'little', nativeArchitecture: 'rv32imc', inlineAssemblers: ['rv32'], compiler: true },
  memory: { heap: 140_032, stack: 10_240 },
  modules: {
    builtin: [
      '__main__',
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
      'machine',
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
    frozen: [],
    path: ['', '.frozen'],
  },
};
