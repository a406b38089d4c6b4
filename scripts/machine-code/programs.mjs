/** Programs of our own for every instruction that the inline assemblers know, with right and wrong arguments. */
const LOW = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];
const ALL = [...LOW, 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15', 'sl', 'fp', 'sp', 'lr', 'pc'];
const CC = ['eq', 'ne', 'cs', 'cc', 'mi', 'pl', 'vs', 'vc', 'hi', 'ls', 'ge', 'lt', 'gt', 'le'];
/** What no instruction takes in every place. */
const ODD = [
  'r99',
  'r16',
  's0',
  's32',
  's31',
  'sx',
  'IPSR',
  '5',
  '-1',
  '256',
  '0x1234',
  '0xffffffff',
  '0x123456789',
  "'r0'",
  '1.5',
  'None',
  '[r0, 4]',
  '[r0]',
  '[r0, r1]',
  '[r8, 4]',
  '[r1, 3]',
  '[r1, 128]',
  '{r0}',
  '{r0, r1}',
  '{r0, 5}',
  '{}',
  'r0 + 1',
  'foo',
];

const thumbOps = {
  none: ['nop', 'wfi', 'add', 'bx', 'xyz', 'vadd'],
  one: [
    'b',
    'bl',
    'bx',
    'push',
    'pop',
    'cpsid',
    'cpsie',
    'it',
    'itt',
    'ite',
    'ittt',
    'itte',
    'itet',
    'itee',
    'itttt',
    'itete',
    'itx',
    'ittttt',
    'nop',
    ...CC.flatMap(c => [`b${c}`, `b${c}_n`, `b${c}_w`]),
    'bxx',
    'beq_x',
    'mov',
    'movwt',
  ],
  two: [
    'mov',
    'and_',
    'and',
    'eor',
    'lsl',
    'lsr',
    'asr',
    'adc',
    'sbc',
    'ror',
    'tst',
    'neg',
    'cmp',
    'cmn',
    'orr',
    'mul',
    'bic',
    'mvn',
    'clz',
    'rbit',
    'mrs',
    'add',
    'sub',
    'movw',
    'movt',
    'movwt',
    'ldr',
    'ldrb',
    'ldrh',
    'str',
    'strb',
    'strh',
    'ldrex',
    'sdiv',
    'vmov',
    'vcmp',
    'vsqrt',
    'vneg',
    'vcvt_f32_s32',
    'vcvt_s32_f32',
    'vmrs',
    'vldr',
    'vstr',
    'vabs',
  ],
  three: ['lsl', 'lsr', 'asr', 'ror', 'add', 'sub', 'mul', 'sdiv', 'udiv', 'strex', 'vadd', 'vsub', 'vmul', 'vdiv', 'vmla', 'b'],
};

const wrap = (decorator, params, lines) => `@micropython.${decorator}\ndef f(${params}):\n${lines.map(line => `    ${line}`).join('\n')}\n`;

/** Programs for asm_thumb; `random` decides the arguments. */
export function thumbPrograms({ below, pick }, count) {
  const programs = [];
  const thumb = (lines, params = '') => programs.push(wrap('asm_thumb', params, lines));
  // Every instruction with arguments that fit, many in one function.
  const fits = () => {
    const lines = [];
    const reg = () => pick(ALL);
    const low = () => pick(LOW);
    const sreg = () => `s${below(32)}`;
    const list = () => `{${Array.from({ length: 1 + below(5) }, reg).join(', ')}}`;
    const choices = [
      () => pick(['nop()', 'wfi()', 'cpsid(i)', 'cpsie(i)']),
      () => `mov(${reg()}, ${reg()})`,
      () =>
        `${pick(['and_', 'eor', 'lsl', 'lsr', 'asr', 'adc', 'sbc', 'ror', 'tst', 'neg', 'cmp', 'cmn', 'orr', 'mul', 'bic', 'mvn'])}(${low()}, ${low()})`,
      () => `${pick(['mov', 'cmp', 'add', 'sub'])}(${low()}, ${below(256)})`,
      () => `${pick(['lsl', 'lsr', 'asr'])}(${low()}, ${low()}, ${below(32)})`,
      () => `${pick(['add', 'sub'])}(${low()}, ${low()}, ${pick([low(), String(below(8))])})`,
      () => `${pick(['ldr', 'str'])}(${low()}, [${low()}, ${below(32) * 4}])`,
      () => `${pick(['ldrh', 'strh'])}(${low()}, [${low()}, ${below(32) * 2}])`,
      () => `${pick(['ldrb', 'strb'])}(${low()}, [${low()}, ${below(32)}])`,
      () => `${pick(['push', 'pop'])}({${Array.from({ length: 1 + below(4) }, low).join(', ')}})`,
      () => `bx(${reg()})`,
      () => `data(${pick(['1', '2', '4'])}, ${below(70000)}, ${below(200) - 100})`,
      () => `align(${pick(['2', '4', '8'])})`,
      () => 'pass',
    ];
    const armv7m = [
      () => `${pick(['clz', 'rbit'])}(${reg()}, ${reg()})`,
      () => `mrs(${pick(ALL.slice(0, 13))}, ${pick(['IPSR', 'BASEPRI'])})`,
      () => `${pick(['movw', 'movt'])}(${pick(ALL.slice(0, 13))}, ${below(65536)})`,
      () => `movwt(${pick(ALL.slice(0, 13))}, ${below(2) ? -below(1000) : below(4294967296)})`,
      () => `${pick(['sdiv', 'udiv'])}(${reg()}, ${reg()}, ${reg()})`,
      () => `ldrex(${reg()}, [${reg()}, ${below(256)}])`,
      () => `strex(${reg()}, ${reg()}, [${reg()}, ${below(256)}])`,
      () => `${pick(['push', 'pop'])}(${list()})`,
      () => `${pick(['it', 'itt', 'ite', 'itte', 'itete', 'ittee', 'ittt'])}(${pick(CC)})`,
    ];
    const float = [
      () => `${pick(['vadd', 'vsub', 'vmul', 'vdiv'])}(${sreg()}, ${sreg()}, ${sreg()})`,
      () => `${pick(['vcmp', 'vsqrt', 'vneg', 'vcvt_f32_s32', 'vcvt_s32_f32'])}(${sreg()}, ${sreg()})`,
      () => `vmov(${pick(ALL.slice(0, 16))}, ${sreg()})`,
      () => `vmov(${sreg()}, ${reg()})`,
      () => `vmrs(${pick(['APSR_nzcv', reg()])}, FPSCR)`,
      () => `${pick(['vldr', 'vstr'])}(${sreg()}, [${low()}, ${below(256) * 4}])`,
    ];
    const level = below(3);
    const all = [...choices, ...(level > 0 ? armv7m : []), ...(level > 1 ? float : [])];
    const labels = 1 + below(4);
    const length = 5 + below(40);
    const places = Array.from({ length: labels }, () => below(length));
    for (let i = 0; i < length; i++) {
      places.forEach((place, n) => {
        if (place === i) lines.push(`label(L${n})`);
      });
      lines.push(
        below(6) === 0
          ? `${pick(['b', 'bl', ...CC.map(c => `b${c}`), ...CC.map(c => `b${c}_n`), ...(level > 0 ? CC.map(c => `b${c}_w`) : [])])}(L${below(labels)})`
          : pick(all)(),
      );
    }
    thumb(lines, ['', 'r0', 'r0, r1', 'r0, r1, r2, r3'][below(4)]);
  };
  for (let i = 0; i < count; i++) fits();
  // One instruction with arguments that may not fit.
  for (let i = 0; i < count * 6; i++) {
    const kind = pick(['one', 'two', 'two', 'three', 'three', 'none']);
    const n = { none: 0, one: 1, two: 2, three: 3 }[kind];
    const arg = () =>
      below(2)
        ? pick(ODD)
        : below(3)
          ? pick(ALL)
          : pick([...CC, 'L', '3', '[r1, 4]', '[r2, 8]', 's3', 's4', 'FPSCR', 'APSR_nzcv', '{r4, r5}', '{r9, lr}']);
    const odd = below(15) === 0 ? pick([0, 1, 2, 3, 4]) : n;
    thumb(['label(L)', `${pick(thumbOps[kind])}(${Array.from({ length: odd }, arg).join(', ')})`]);
  }
  // Distances at which branches reach their targets, or no longer do.
  for (const words of [62, 63, 64, 65, 127, 128, 511, 512, 513, 1022, 1023, 1024, 1025])
    for (const op of ['b', 'beq', 'bne_n', 'beq_w', 'bl']) {
      thumb([`${op}(L)`, `data(2, ${Array.from({ length: words }, (_, i) => i).join(', ')})`, 'label(L)']);
      thumb(['label(L)', `data(2, ${Array.from({ length: words }, (_, i) => i).join(', ')})`, `${op}(L)`]);
    }
  programs.push(...shared('asm_thumb', 'r0'));
  for (const params of ['r1', 'r0, r2', 'r0, r1, r2, r3, r4', 'x', 'r0=1', '*r0', 'r0: int', 'r0, r1: uint', 'sp'])
    programs.push(wrap('asm_thumb', params, ['nop()']));
  return programs;
}

/** What is the same for every architecture. */
function shared(decorator, reg) {
  const one = (...lines) => wrap(decorator, '', lines);
  const programs = [
    one('label(a)', 'label(a)'),
    one('label(1)'),
    one('label()'),
    one('label(a, b)'),
    one('align(4)', 'align(2)'),
    one('align()'),
    one('align(a)'),
    one("align('a')"),
    one('data(1)'),
    one('data(a, 1)'),
    one('data(1, a)'),
    one('data(1, 1.5)'),
    one('data(4, 0x123456789a, -1, 0xffffffffffffffffff)'),
    one('data(8, 1, 2)'),
    one('data(3, 0x123456)'),
    one('x = 1'),
    one('1'),
    one(`${reg}`),
    one('mov[1]'),
    one('mov.x(1)'),
    one('mov(1)(2)'),
    one('if 1: pass'),
    one('return'),
    one('pass'),
    one("'doc'"),
    one("'doc'", 'pass'),
    one('foo()'),
    one('foo(*a)'),
    one('foo(a=1)'),
    `@micropython.${decorator}\nclass A:\n    pass\n`,
    `@micropython.${decorator}\n@micropython.${decorator}\ndef f():\n    pass\n`,
    `def d(f): return f\n@d\n@micropython.${decorator}\ndef f():\n    pass\n`,
    `class A:\n    @micropython.${decorator}\n    def f():\n        pass\n`,
    `def g():\n    @micropython.${decorator}\n    def f():\n        pass\n    return f\ng()\n`,
    `from micropython import const\nN = const(5)\n@micropython.${decorator}\ndef f():\n    data(1, N, N + 1)\nprint(f)\n`,
  ];
  for (const type of ['object', 'bool', 'int', 'uint', 'float', 'ptr', '1', "'int'", 'int()', 'None'])
    programs.push(
      `@micropython.${decorator}\ndef f() -> ${type}:\n    pass\n`,
      `@micropython.${decorator}\ndef f() -> ${type}:\n    foo()\n`,
    );
  return programs;
}

const RV = [
  'zero',
  'ra',
  'sp',
  'gp',
  'tp',
  't0',
  't1',
  't2',
  's0',
  's1',
  'a0',
  'a1',
  'a2',
  'a3',
  'a4',
  'a5',
  'a6',
  'a7',
  's2',
  's3',
  's4',
  's5',
  's6',
  's7',
  's8',
  's9',
  's10',
  's11',
  't3',
  't4',
  't5',
  't6',
];
const RX = Array.from({ length: 32 }, (_, i) => `x${i}`);
const RVODD = [
  'x32',
  'fp',
  '5',
  '-1',
  '31',
  '32',
  '64',
  '2047',
  '2048',
  '-2048',
  '-2049',
  '4095',
  '4096',
  '0x1000',
  '0xfffff',
  '0x7fffffff',
  '0xffffffff',
  '-0x80000000',
  '0x1f',
  '0x20',
  '0x3f',
  '4(a0)',
  '-4(a0)',
  '+4(s1)',
  '~4(a0)',
  'a0(4)',
  '4(4)',
  '4(x99)',
  '4096(a0)',
  '-2048(a0)',
  '128(a0)',
  'L',
  'M',
  "'a'",
  '1.5',
  '[a0]',
  'a0 + 1',
  '4(a0)(a1)',
  '4(a0, a1)',
  '4()',
];
const RVOPS = [
  'add',
  'addi',
  'and_',
  'andi',
  'auipc',
  'beq',
  'bge',
  'bgeu',
  'blt',
  'bltu',
  'bne',
  'csrrc',
  'csrrs',
  'csrrw',
  'csrrci',
  'csrrsi',
  'csrrwi',
  'c_add',
  'c_addi',
  'c_addi4spn',
  'c_and',
  'c_andi',
  'c_beqz',
  'c_bnez',
  'c_ebreak',
  'c_j',
  'c_jal',
  'c_jalr',
  'c_jr',
  'c_li',
  'c_lui',
  'c_lw',
  'c_lwsp',
  'c_mv',
  'c_nop',
  'c_or',
  'c_slli',
  'c_srai',
  'c_srli',
  'c_sub',
  'c_sw',
  'c_swsp',
  'c_xor',
  'div',
  'divu',
  'ebreak',
  'ecall',
  'jal',
  'jalr',
  'la',
  'lb',
  'lbu',
  'lh',
  'lhu',
  'li',
  'lui',
  'lw',
  'mv',
  'mul',
  'mulh',
  'mulhsu',
  'mulhu',
  'or_',
  'ori',
  'rem',
  'remu',
  'sb',
  'sh',
  'sh1add',
  'sh2add',
  'sh3add',
  'sll',
  'slli',
  'slt',
  'slti',
  'sltiu',
  'sltu',
  'sra',
  'srai',
  'srl',
  'srli',
  'sub',
  'sw',
  'xor',
  'xori',
  'and',
  'nop',
  'ret',
];

export function rv32Programs({ below, pick }, count) {
  const programs = [];
  const rv = (lines, params = '') => programs.push(wrap('asm_rv32', params, lines));
  const reg = () => pick(below(2) ? RV : RX);
  const win = () => pick(['s0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5']);
  const number = (from, to, step = 1) => String(from + below(Math.floor((to - from) / step) + 1) * step);
  const choices = [
    () =>
      `${pick(['add', 'sub', 'and_', 'or_', 'xor', 'sll', 'srl', 'sra', 'slt', 'sltu', 'mul', 'mulh', 'mulhsu', 'mulhu', 'div', 'divu', 'rem', 'remu'])}(${reg()}, ${reg()}, ${reg()})`,
    () => `${pick(['sh1add', 'sh2add', 'sh3add'])}(${reg()}, ${reg()}, ${reg()})`,
    () => `${pick(['addi', 'andi', 'ori', 'xori', 'slti', 'sltiu', 'jalr'])}(${reg()}, ${reg()}, ${number(-2048, 2047)})`,
    () => `${pick(['slli', 'srli', 'srai'])}(${reg()}, ${reg()}, ${number(0, 31)})`,
    () => `${pick(['csrrw', 'csrrs', 'csrrc'])}(${reg()}, ${reg()}, ${number(0, 4095)})`,
    () => `${pick(['csrrwi', 'csrrsi', 'csrrci'])}(${reg()}, ${number(0, 4095)}, ${number(0, 31)})`,
    () => `${pick(['lui', 'auipc'])}(${reg()}, ${number(0, 0xfffff)})`,
    () => `${pick(['lb', 'lbu', 'lh', 'lhu', 'lw', 'sb', 'sh', 'sw'])}(${reg()}, ${number(-2048, 2047)}(${reg()}))`,
    () =>
      `li(${reg()}, ${pick([number(-40, 40), number(-2100, 2100), number(-70000, 70000), String(below(4294967296)), String(below(4294967296) - 2147483648)])})`,
    () => `mv(${reg()}, ${reg()})`,
    () => pick(['ebreak()', 'ecall()', 'c_ebreak()', 'c_nop()']),
    () => `${pick(['c_add', 'c_mv'])}(${pick(RV.slice(1))}, ${pick(RV.slice(1))})`,
    () => `c_addi(${pick(RV.slice(1))}, ${pick([number(1, 31), number(-32, -1)])})`,
    () => `c_addi4spn(${win()}, ${number(4, 1020, 4)})`,
    () => `${pick(['c_and', 'c_or', 'c_sub', 'c_xor'])}(${win()}, ${win()})`,
    () => `c_andi(${win()}, ${number(-32, 31)})`,
    () => `${pick(['c_srai', 'c_srli'])}(${win()}, ${number(0, 31)})`,
    () => `${pick(['c_jr', 'c_jalr'])}(${pick(RV.slice(1))})`,
    () => `c_li(${pick(RV.slice(1))}, ${number(-32, 31)})`,
    () => `c_lui(${pick(['t0', 'a3', 's7'])}, ${number(1, 31)})`,
    () => `c_slli(${pick(RV.slice(1))}, ${number(0, 31)})`,
    () => `${pick(['c_lw', 'c_sw'])}(${win()}, ${number(0, 60, 4)}(${win()}))`,
    () => `${pick(['c_lwsp', 'c_swsp'])}(${pick(RV.slice(1))}, ${number(0, 124, 4)})`,
    () => `data(${pick(['1', '2', '4'])}, ${below(70000)}, ${below(200) - 100})`,
    () => `align(${pick(['2', '4', '8'])})`,
  ];
  for (let i = 0; i < count; i++) {
    const labels = 1 + below(3);
    const length = 5 + below(30);
    const places = Array.from({ length: labels }, () => below(length));
    const lines = [];
    for (let k = 0; k < length; k++) {
      places.forEach((place, n) => {
        if (place === k) lines.push(`label(L${n})`);
      });
      const label = `L${below(labels)}`;
      const branches = [
        `${pick(['beq', 'bne', 'blt', 'bge', 'bltu', 'bgeu'])}(${reg()}, ${reg()}, ${label})`,
        `jal(${reg()}, ${label})`,
        `la(${reg()}, ${label})`,
        `${pick(['c_beqz', 'c_bnez'])}(${win()}, ${label})`,
        `${pick(['c_j', 'c_jal'])}(${label})`,
      ];
      lines.push(below(6) === 0 ? pick(branches) : pick(choices)());
    }
    rv(lines, ['', 'a0', 'a0, a1', 'a0, x11, a2, a3'][below(4)]);
  }
  for (let i = 0; i < count * 8; i++) {
    const arg = () => (below(2) ? pick(RVODD) : below(2) ? reg() : win());
    rv(['label(L)', `${pick(RVOPS)}(${Array.from({ length: below(8) === 0 ? below(5) : pick([1, 2, 2, 3, 3]) }, arg).join(', ')})`]);
  }
  programs.push(...shared('asm_rv32', 'a0'));
  for (const params of ['a1', 'a0, a2', 'a0, a1, a2, a3, a4', 'x', 'x10, x11', 'a0=1'])
    programs.push(wrap('asm_rv32', params, ['c_nop()']));
  return programs;
}
