/**
 * Instruction forms for compare-x64.mjs, in the assembler's Intel syntax. {r64} {r32} {r16} {r8}: a register; {m}: an address of memory; {x}: an SSE register;
 * {a,b}: a number from a to b; {i8} {i32} {i64}: an interesting number. The second item names the flags that the form leaves undefined.
 */
const SIZES = ['8', '16', '32', '64'];
const POINTER = { 8: 'byte', 16: 'word', 32: 'dword', 64: 'qword' };

function* forms() {
  for (const size of SIZES) {
    const r = `{r${size}}`;
    const m = `${POINTER[size]} ptr {m}`;
    const immediate = size === '8' ? '{i8}' : size === '16' ? '{i16}' : '{i32}';
    for (const op of ['add', 'or', 'adc', 'sbb', 'and', 'sub', 'xor', 'cmp']) {
      yield [`${op} ${r}, ${r}`];
      yield [`{load} ${op} ${r}, ${r}`];
      yield [`${op} ${r}, ${m}`];
      yield [`${op} ${m}, ${r}`];
      yield [`${op} ${r}, ${immediate}`];
      yield [`${op} ${m}, ${immediate}`];
      yield [`${op} ${r}, {i8}`];
      yield [`${op} {a${size}}, ${immediate}`];
    }
    yield [`test ${r}, ${r}`];
    yield [`test ${m}, ${r}`];
    yield [`test ${r}, ${immediate}`];
    yield [`test ${m}, ${immediate}`];
    yield [`test {a${size}}, ${immediate}`];
    for (const op of ['inc', 'dec', 'neg', 'not']) {
      yield [`${op} ${r}`];
      yield [`${op} ${m}`];
    }
    for (const op of ['shl', 'shr', 'sar', 'rol', 'ror', 'rcl', 'rcr'])
      for (const to of [r, m]) {
        yield [`${op} ${to}, 1`];
        yield [`${op} ${to}, {0,70}`, 'shift'];
        yield [`${op} ${to}, cl`, 'shift'];
      }
    for (const op of ['mul', 'imul']) {
      yield [`${op} ${r}`, 'ZSP'];
      yield [`${op} ${m}`, 'ZSP'];
    }
    for (const op of ['div', 'idiv']) {
      yield [`${op} ${r}`, 'CZSOP'];
      yield [`${op} ${m}`, 'CZSOP'];
      yield [`${size === '8' ? 'cbw' : { 16: 'cwd', 32: 'cdq', 64: 'cqo' }[size]}; ${op} ${r}`, 'CZSOP'];
      yield [`xor edx, edx; ${op} ${r}`, 'CZSOP'];
    }
    yield [`mov ${r}, ${r}`];
    yield [`{load} mov ${r}, ${r}`];
    yield [`mov ${r}, ${m}`];
    yield [`mov ${m}, ${r}`];
    yield [`mov ${r}, ${immediate}`];
    yield [`mov ${m}, ${immediate}`];
    yield [`xchg ${r}, ${r}`];
    yield [`xchg ${r}, ${m}`];
    yield [`xchg {a${size}}, ${r}`];
    yield [`xadd ${r}, ${r}`];
    yield [`xadd ${m}, ${r}`];
    yield [`cmpxchg ${r}, ${r}`];
    yield [`cmpxchg ${m}, ${r}`];
    yield [`mov {a${size}}, ${r}; cmpxchg ${r}, ${r}`];
    for (const op of ['movs', 'stos', 'lods', 'cmps', 'scas']) {
      const letter = { 8: 'b', 16: 'w', 32: 'd', 64: 'q' }[size];
      yield [`lea rsi, [rbx+{0,63}]; lea rdi, [rbx+{0,63}]; ${op}${letter}`];
      yield [`lea rsi, [rbx+{0,63}]; lea rdi, [rbx+{0,63}]; mov ecx, {0,5}; rep ${op}${letter}`];
      if (op === 'cmps' || op === 'scas') yield [`lea rsi, [rbx+{0,63}]; lea rdi, [rbx+{0,63}]; mov ecx, {0,9}; repne ${op}${letter}`];
    }
    if (size === '8') continue;
    yield [`imul ${r}, ${r}`, 'ZSP'];
    yield [`imul ${r}, ${m}`, 'ZSP'];
    yield [`imul ${r}, ${r}, ${immediate}`, 'ZSP'];
    yield [`imul ${r}, ${r}, {i8}`, 'ZSP'];
    yield [`imul ${r}, ${m}, ${immediate}`, 'ZSP'];
    yield [`movzx ${r}, {r8}`];
    yield [`movzx ${r}, byte ptr {m}`];
    yield [`movsx ${r}, {r8}`];
    yield [`movsx ${r}, byte ptr {m}`];
    yield [`lea ${r}, {m}`];
    yield [`lea ${r}, {lea}`];
    for (const op of ['bt', 'bts', 'btr', 'btc']) {
      yield [`${op} ${r}, ${r}`, 'SOP'];
      yield [`${op} ${r}, {0,63}`, 'SOP'];
      yield [`${op} ${m}, {0,63}`, 'SOP'];
      yield [`and {same}, 63; ${op} ${POINTER[size]} ptr {m}, {same${size}}`, 'SOP'];
    }
    yield [`bsf ${r}, ${r}`, 'CSOP', 'nonzero'];
    yield [`bsr ${r}, ${m}`, 'CSOP', 'nonzero'];
    yield [`popcnt ${r}, ${r}`];
    yield [`popcnt ${r}, ${m}`];
    for (const cc of CONDITIONS) {
      yield [`cmov${cc} ${r}, ${r}`];
      yield [`cmov${cc} ${r}, ${m}`];
    }
    if (size === '16') continue;
    yield [`movzx ${r}, {r16}`];
    yield [`movsx ${r}, word ptr {m}`];
    yield [`bswap ${r}`];
    for (const op of ['shld', 'shrd']) {
      yield [`${op} ${r}, ${r}, {0,${Number(size) - 1}}`, 'shift'];
      yield [`${op} ${m}, ${r}, cl`, 'shift'];
    }
    yield [`cvtsi2sd {x}, ${r}`];
    yield [`cvtsi2ss {x}, ${r}`];
    yield [`cvttsd2si ${r}, {x}`];
    yield [`cvttss2si ${r}, {x}`];
    yield [`cvtsd2si ${r}, {x}`];
  }
  yield ['movsxd {r64}, {r32}'];
  yield ['movsxd {r64}, dword ptr {m}'];
  yield ['movabs {r64}, {i64}'];
  yield ['cbw'];
  yield ['cwde'];
  yield ['cdqe'];
  yield ['cwd'];
  yield ['cdq'];
  yield ['cqo'];
  yield ['clc'];
  yield ['stc'];
  yield ['cmc'];
  yield ['nop'];
  yield ['endbr64'];
  for (const cc of CONDITIONS) {
    yield [`set${cc} {r8}`];
    yield [`set${cc} byte ptr {m}`];
    yield [`cmp {r64}, {r64}; j${cc} 1f; mov eax, 77; 1: nop`];
    yield [`sub {r32}, {r32}; set${cc} {r8}`];
    yield [`test {r64}, {r64}; set${cc} {r8}`];
    yield [`ucomisd {x}, {x}; set${cc} {r8}`];
    yield [`ucomiss {x}, {x}; j${cc} 1f; mov eax, 77; 1: nop`];
  }
  yield ['push {r64}'];
  yield ['push {i8}'];
  yield ['push {i32}'];
  yield ['push qword ptr {m}'];
  yield ['pop {r64}'];
  yield ['pop qword ptr {m}'];
  yield ['push {r64}; pop {r64}'];
  yield ['mov rbp, rsp; leave'];
  yield ['call 1f; 1: pop rax; sub eax, eax'];
  yield ['lea rax, [rip+1f]; jmp rax; mov ecx, 1; 1: sub eax, eax'];
  yield ['call 1f; jmp 2f; 1: mov eax, 5; ret; 2: nop'];
  yield ['jrcxz 1f; mov eax, 3; 1: nop'];
  for (const kind of ['s', 'd']) {
    const pointer = kind === 's' ? 'dword' : 'qword';
    for (const op of ['add', 'sub', 'mul', 'div', 'min', 'max', 'sqrt']) {
      yield [`${op}s${kind} {x}, {x}`];
      yield [`${op}s${kind} {x}, ${pointer} ptr {m}`];
      yield [`${op}p${kind} {x}, {x}`];
    }
    yield [`movs${kind} {x}, {x}`];
    yield [`movs${kind} {x}, ${pointer} ptr {m}`];
    yield [`movs${kind} ${pointer} ptr {m}, {x}`];
    yield [`ucomis${kind} {x}, {x}`];
    yield [`comis${kind} {x}, ${pointer} ptr {m}`];
    yield [`unpcklp${kind} {x}, {x}`];
    yield [`unpckhp${kind} {x}, {x}`];
    yield [`shufp${kind} {x}, {x}, {0,${kind === 's' ? 255 : 3}}`];
    for (const op of ['and', 'andn', 'or', 'xor']) yield [`${op}p${kind} {x}, {x}`];
    for (const half of ['l', 'h']) {
      yield [`mov${half}p${kind} {x}, qword ptr {m}`];
      yield [`mov${half}p${kind} qword ptr {m}, {x}`];
    }
  }
  yield ['cvtss2sd {x}, {x}'];
  yield ['cvtsd2ss {x}, {x}'];
  yield ['cvtps2pd {x}, {x}'];
  yield ['cvtpd2ps {x}, {x}'];
  yield ['movhlps {x}, {x}'];
  yield ['movlhps {x}, {x}'];
  for (const op of ['movups', 'movdqu']) {
    yield [`${op} {x}, xmmword ptr {m}`];
    yield [`${op} xmmword ptr {m}, {x}`];
  }
  for (const op of ['movaps', 'movdqa', 'movq']) yield [`${op} {x}, {x}`];
  yield ['movq {x}, {r64}'];
  yield ['movq {r64}, {x}'];
  yield ['movd {x}, {r32}'];
  yield ['movd {r32}, {x}'];
  yield ['movq {x}, qword ptr {m}'];
  yield ['movq qword ptr {m}, {x}'];
  for (const op of ['pand', 'pandn', 'por', 'pxor', 'paddb', 'paddw', 'paddd', 'paddq', 'psubb', 'psubw', 'psubd', 'psubq', 'pmullw'])
    yield [`${op} {x}, {x}`];
  for (const op of ['pcmpeqb', 'pcmpeqw', 'pcmpeqd', 'pcmpgtb', 'pcmpgtw', 'pcmpgtd', 'pminub', 'pmaxub', 'pminsw', 'pmaxsw'])
    yield [`${op} {x}, {x}`];
  for (const op of ['punpcklbw', 'punpcklwd', 'punpckldq', 'punpcklqdq', 'punpckhbw', 'punpckhwd', 'punpckhdq', 'punpckhqdq'])
    yield [`${op} {x}, {x}`];
  yield ['pshufd {x}, {x}, {0,255}'];
  for (const op of ['psrld', 'psrad', 'pslld', 'psrlq', 'psllq', 'psrldq', 'pslldq']) yield [`${op} {x}, {0,70}`];
  yield ['pmovmskb {r32}, {x}'];
}

const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

export const X64_FORMS = [...forms()].map(([text, undefinedFlags = '', condition]) => ({ text, undefinedFlags, condition }));
