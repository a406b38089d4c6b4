/**
 * Every instruction form that the RV32 core executes, as templates of assembly text. What stands in braces is chosen at random:
 *
 *   {r} x0 to x30     {n} x1 to x30     {w} x8 to x15     {b}, {bw} a register that points into the scratch memory     {u} one that points there unaligned
 *   {n,m} {n,m,k} a number from n to m (a multiple of k)
 *
 * A place with `=` behind its letter has the same register everywhere in the template.
 */
const three = [
  'add',
  'sub',
  'sll',
  'slt',
  'sltu',
  'xor',
  'srl',
  'sra',
  'or',
  'and',
  'mul',
  'mulh',
  'mulhsu',
  'mulhu',
  'div',
  'divu',
  'rem',
  'remu',
];
const zbb3 = ['andn', 'orn', 'xnor', 'min', 'minu', 'max', 'maxu', 'rol', 'ror'];

export const rv32 = [
  ...three.map(o => `${o} {r}, {r}, {r}`),
  ...['sh1add', 'sh2add', 'sh3add'].map(o => `${o} {r}, {r}, {r}`),
  ...zbb3.map(o => `${o} {r}, {r}, {r}`),
  ...['clz', 'ctz', 'cpop', 'sext.b', 'sext.h', 'zext.h', 'orc.b', 'rev8'].map(o => `${o} {r}, {r}`),
  'rori {r}, {r}, {0,31}',
  ...['addi', 'slti', 'sltiu', 'xori', 'ori', 'andi'].map(o => `${o} {r}, {r}, {-2048,2047}`),
  ...['slli', 'srli', 'srai'].map(o => `${o} {r}, {r}, {0,31}`),
  ...['lui {r}, {0,1048575}', 'auipc {r}, {0,1048575}'],
  ...['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'].flatMap(o => [
    `${o} {r}, {r}, 1f\naddi {n}, {n}, 1\n1:`,
    `${o} {n=}, {n=}, 1f\naddi {n}, {n}, 1\n1:`,
  ]),
  ...[
    'jal {r}, 1f\naddi {n}, {n}, 1\n1:',
    'la x5, 1f\njalr {r}, 0(x5)\naddi {n}, {n}, 1\n1:',
    'la x5, 1f\njalr x5, 1(x5)\naddi {n}, {n}, 1\n1:',
  ],
  'j 2f\n1: addi x6, x6, 5\nj 3f\n2: j 1b\n3:',
  ...['lb', 'lh', 'lw', 'lbu', 'lhu'].flatMap(o => [`${o} {r}, {-16,28,4}({b})`, `${o} {r}, {-4,8}({u})`]),
  ...['sb', 'sh', 'sw'].flatMap(o => [`${o} {r}, {-16,28,4}({b})`, `${o} {r}, {-4,8}({u})`]),
  ...[
    'csrrw {r}, mtval, {r}\ncsrr {n}, mtval',
    'csrrs {r}, mtval, {r}\ncsrr {n}, mtval',
    'csrrc {r}, mtval, {r}\ncsrr {n}, mtval',
    'csrrwi {r}, mtval, {0,31}\ncsrr {n}, mtval',
    'csrrsi {r}, mtval, {0,31}\ncsrr {n}, mtval',
    'csrrci {r}, mtval, {0,31}\ncsrr {n}, mtval',
    'csrw mtval, x0\ncsrr {n}, mtval',
  ],
  ...['fence', 'fence.i', 'nop'],
  ...['lr.w {n}, ({b})\nsc.w {n}, {n}, ({b=})', 'sc.w {n}, {n}, ({b})'],
  ...['amoadd.w', 'amoswap.w', 'amoxor.w', 'amoor.w', 'amoand.w', 'amomin.w', 'amomax.w', 'amominu.w', 'amomaxu.w'].map(
    o => `${o} {r}, {r}, ({b})`,
  ),
  // compressed
  ...[
    'c.addi {n}, {1,31}',
    'c.addi {n}, {-32,-1}',
    'c.li {n}, {-32,31}',
    'c.addi4spn {w}, sp, {4,1020,4}',
    'c.addi16sp sp, {16,496,16}',
    'c.addi16sp sp, {-512,-16,16}',
    'c.andi {w}, {-32,31}',
    'c.slli {n}, {1,31}',
    'c.srli {w}, {1,31}',
    'c.srai {w}, {1,31}',
  ],
  ...['c.lui x5, {1,31}', 'c.lui x9, {0xfffe0,0xfffff}', 'c.nop', 'c.mv {n}, {n}', 'c.add {n}, {n}'],
  ...['c.sub', 'c.xor', 'c.or', 'c.and'].map(o => `${o} {w}, {w}`),
  ...[
    'c.lw {w}, {0,28,4}({bw})',
    'c.sw {w}, {0,28,4}({bw})',
    'la sp, scratch_at\nc.lwsp {n}, {0,60,4}(sp)',
    'la sp, scratch_at\nc.swsp {n}, {0,60,4}(sp)',
  ],
  ...[
    'c.beqz {w}, 1f\nc.addi x5, 1\n1:',
    'c.bnez {w}, 1f\nc.addi x5, 1\n1:',
    'c.li {w=}, 0\nc.beqz {w=}, 1f\nc.addi x5, 1\n1:',
    'c.j 1f\nc.addi x5, 1\n1:',
    'c.jal 1f\nc.addi x5, 1\n1:',
    'c.j 2f\n1: c.addi x6, 5\nc.j 3f\n2: c.j 1b\n3:',
  ],
  ...['la x5, 1f\nc.jr x5\nc.addi x6, 1\n1:', 'la x5, 1f\nc.jalr x5\nc.addi x6, 1\n1:'],
];
