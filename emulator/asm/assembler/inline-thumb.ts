/** `@micropython.asm_thumb`: instructions as MicroPython 1.27.0 knows them (py/emitinlinethumb.c), with its messages. */
import { type EmitContext, Pass } from '../../compiler/emitter.ts';
import { isKind, isName, listItems, type Node, R } from '../../compiler/parse-node.ts';
import { InlineAssembler, integerOf } from './inline-arguments.ts';
import { ALU, Arch, CONDITION_NAMES, MOVT, MOVW, ThumbAssembler } from './thumb.ts';

const REGISTERS = new Map<string, number>([
  ...Array.from({ length: 16 }, (_, n): [string, number] => [`r${n}`, n]),
  ['sl', 10],
  ['fp', 11],
  ['sp', 13],
  ['lr', 14],
  ['pc', 15],
]);

const SPECIAL_REGISTERS = new Map([
  ['IPSR', 5],
  ['BASEPRI', 17],
]);

/** Opcode, largest offset with its low bits that must be zero, and how far the offset is shifted down. */
const LOADS_AND_STORES = new Map([
  ['ldr', { op: 0x6800, mask: 0x7c, shift: 2 }],
  ['ldrb', { op: 0x7800, mask: 0x1f, shift: 0 }],
  ['ldrh', { op: 0x8800, mask: 0x3e, shift: 1 }],
  ['str', { op: 0x6000, mask: 0x7c, shift: 2 }],
  ['strb', { op: 0x7000, mask: 0x1f, shift: 0 }],
  ['strh', { op: 0x8000, mask: 0x3e, shift: 1 }],
]);

/** Two registers: both half-words with the registers 0. */
const VFP_TWO = new Map([
  ['vcmp', [0xeeb4, 0x0ac0]],
  ['vsqrt', [0xeeb1, 0x0ac0]],
  ['vneg', [0xeeb1, 0x0a40]],
  ['vcvt_f32_s32', [0xeeb8, 0x0ac0]],
  ['vcvt_s32_f32', [0xeebd, 0x0ac0]],
]);
const VFP_THREE = new Map([
  ['vadd', [0xee30, 0x0a00]],
  ['vsub', [0xee30, 0x0a40]],
  ['vmul', [0xee20, 0x0a00]],
  ['vdiv', [0xee80, 0x0a00]],
]);

const IMMEDIATE_8 = new Map([
  ['mov', 0x2000],
  ['cmp', 0x2800],
  ['add', 0x3000],
  ['sub', 0x3800],
]);
const SHIFTS = new Map([
  ['lsl', 0],
  ['lsr', 1],
  ['asr', 2],
]);

const BASE_LOW = 7;
const ANY = 15;

export class InlineThumb extends InlineAssembler<ThumbAssembler> {
  private readonly hasFloat: boolean;

  constructor(context: EmitContext, maxLabels: number, arch: Arch) {
    super(context, new ThumbAssembler(maxLabels, arch), arch);
    this.hasFloat = arch === Arch.Armv7emSp || arch === Arch.Armv7emDp;
  }

  protected begin(): void {
    this.out.entry(0);
  }
  protected end(): void {
    this.out.exit();
  }

  protected checkParameters(parameters: readonly Node[]): boolean {
    if (parameters.length > 4) {
      this.fail('can only have up to 4 parameters to Thumb assembly');
      return false;
    }
    const inSequence = parameters.every((node, i) => this.textOf(node) === `r${i}`);
    if (!inSequence) this.fail('parameters must be registers in sequence r0 to r3');
    return inSequence;
  }

  private register(op: string, node: Node, highest: number): number {
    const register = REGISTERS.get(this.textOf(node));
    if (register === undefined) {
      this.fail(`'${op}' expects a register`);
      return 0;
    }
    if (register <= highest) return register;
    this.fail(`'${op}' expects at most r${highest}`);
    return 0;
  }

  private floatRegister(op: string, node: Node): number {
    const match = /^s([0-9]+)$/.exec(this.textOf(node));
    if (match === null) {
      this.fail(`'${op}' expects an FPU register`);
      return 0;
    }
    const register = Number(match[1]);
    if (register <= 31) return register;
    this.fail(`'${op}' expects at most r31`);
    return 0;
  }

  private specialRegister(op: string, node: Node): number {
    const register = SPECIAL_REGISTERS.get(this.textOf(node));
    if (register === undefined) this.fail(`'${op}' expects a special register`);
    return register ?? 0;
  }

  /** A set of registers, `{r0, r1}`, as a bit mask. */
  private registerList(op: string, node: Node): number {
    const items = this.setItems(node);
    if (items === null) {
      this.fail(`'${op}' expects {r0, r1, ...}`);
      return 0;
    }
    return items.reduce((list, item) => list | (1 << this.register(op, item, ANY)), 0);
  }

  private setItems(node: Node): readonly Node[] | null {
    if (!isKind(node, R.atom_brace)) return null;
    const content = node.nodes[0];
    if (!isKind(content, R.dictorsetmaker)) return isName(content) ? [content] : null;
    const rest = content.nodes[1];
    if (!isKind(rest, R.dictorsetmaker_list)) return null;
    return [content.nodes[0], ...listItems(rest.nodes[0], R.dictorsetmaker_list2)];
  }

  /** An integer as 32 bits, of which only those in `mask` may be set. */
  private integer(op: string, node: Node, mask: number): number {
    const value = integerOf(node);
    if (value === null) {
      this.fail(`'${op}' expects an integer`);
      return 0;
    }
    const bits = Number(BigInt.asUintN(32, value));
    if (((bits & ~mask) | 0) === 0) return bits;
    this.fail(`'${op}' integer 0x${bits.toString(16)} doesn't fit in mask 0x${(mask >>> 0).toString(16)}`);
    return 0;
  }

  /** `[base, offset]`, or null after an error. */
  private address(op: string, node: Node): { base: Node; offset: Node } | null {
    if (isKind(node, R.atom_bracket)) {
      const content = node.nodes[0];
      if (isKind(content, R.testlist_comp) && content.nodes.length === 2) return { base: content.nodes[0], offset: content.nodes[1] };
    }
    this.fail(`'${op}' expects an address of the form [a, b]`);
    return null;
  }

  private labelOf(op: string, node: Node): number {
    if (!isName(node)) {
      this.fail(`'${op}' expects a label`);
      return 0;
    }
    const label = this.labels.get(node.arg);
    if (label !== undefined) return label;
    // Only the last pass has to know all of them.
    if (this.pass === Pass.Emit) this.fail(`label '${this.context.pool.text(node.arg)}' not defined`);
    return 0;
  }

  private inReach(reached: boolean): void {
    if (!reached) this.fail('branch not in range');
  }

  protected assemble(name: string, args: readonly Node[]): void {
    const known =
      this.hasFloat && name.startsWith('v')
        ? this.float(name, args)
        : args.length === 0
          ? this.none(name)
          : args.length === 1
            ? this.one(name, args[0])
            : args.length === 2
              ? isName(args[1])
                ? this.twoRegisters(name, args[0], args[1])
                : this.registerAndOther(name, args[0], args[1])
              : args.length === 3
                ? this.three(name, args[0], args[1], args[2])
                : false;
    if (!known) this.fail(`unsupported Thumb instruction '${name}' with ${args.length} arguments`);
  }

  private none(op: string): boolean {
    if (op === 'nop') this.out.op16(0xbf00);
    else if (op === 'wfi') this.out.op16(0xbf30);
    else return false;
    return true;
  }

  private one(op: string, arg: Node): boolean {
    const { out } = this;
    switch (op) {
      case 'b':
        this.inReach(out.branchNarrow(this.labelOf(op, arg)));
        return true;
      case 'bl':
        this.inReach(out.branchLink(this.labelOf(op, arg)));
        return true;
      case 'bx':
        out.bx(this.register(op, arg, ANY));
        return true;
      case 'cpsid':
        out.op16(0xb672);
        return true;
      case 'cpsie':
        out.op16(0xb662);
        return true;
      case 'push':
        return this.pushPop(this.registerList(op, arg), 0xb400, 0xe92d, 1 << 14);
      case 'pop':
        return this.pushPop(this.registerList(op, arg), 0xbc00, 0xe8bd, 1 << 15);
    }
    if (op.startsWith('b') && (op.length === 3 || (op.length === 5 && (op.endsWith('_n') || (out.hasThumb2 && op.endsWith('_w')))))) {
      const cc = CONDITION_NAMES.indexOf(op.slice(1, 3) as 'eq');
      if (cc < 0) return false;
      this.inReach(out.branchIf(cc, this.labelOf(op, arg), op.endsWith('_w')));
      return true;
    }
    if (out.hasThumb2 && op.startsWith('it')) return this.ifThen(op.slice(2), arg);
    return false;
  }

  /** Narrow for the low registers and `extra` (LR or PC), wide for others. */
  private pushPop(list: number, narrow: number, wide: number, extra: number): boolean {
    const { out } = this;
    if ((list & 0xff00 & ~extra) === 0) out.op16(narrow | (list & extra ? 0x100 : 0) | (list & 0xff));
    else if (out.hasThumb2) out.op32(wide, list);
    else return false;
    return true;
  }

  private ifThen(pattern: string, arg: Node): boolean {
    const cc = CONDITION_NAMES.indexOf(this.textOf(arg) as 'eq');
    if (cc < 0 || pattern.length > 3) return false;
    let mask = 8;
    for (let i = pattern.length - 1; i >= 0; i--) {
      if (pattern[i] !== 't' && pattern[i] !== 'e') return false;
      mask = (mask >> 1) | (((pattern[i] === 't' ? cc : ~cc) & 1) << 3);
    }
    this.out.itBlock(cc, mask);
    return true;
  }

  private twoRegisters(op: string, first: Node, second: Node): boolean {
    const { out } = this;
    if (op === 'mov') {
      const rd = this.register(op, first, ANY);
      out.move(rd, this.register(op, second, ANY));
      return true;
    }
    if (out.hasThumb2 && (op === 'clz' || op === 'rbit')) {
      const rd = this.register(op, first, ANY);
      const rm = this.register(op, second, ANY);
      out.op32((op === 'clz' ? 0xfab0 : 0xfa90) | rm, (op === 'clz' ? 0xf080 : 0xf0a0) | (rd << 8) | rm);
      return true;
    }
    if (out.hasThumb2 && op === 'mrs') {
      const rd = this.register(op, first, 12);
      out.op32(0xf3ef, 0x8000 | (rd << 8) | this.specialRegister(op, second));
      return true;
    }
    const name = op === 'and_' ? 'and' : op;
    if (op === 'and' || !Object.hasOwn(ALU, name)) return false;
    const rd = this.register(op, first, 7);
    out.alu(ALU[name as 'and'], rd, this.register(op, second, 7));
    return true;
  }

  private registerAndOther(op: string, first: Node, second: Node): boolean {
    const { out } = this;
    const immediate8 = IMMEDIATE_8.get(op);
    if (immediate8 !== undefined) {
      const rd = this.register(op, first, 7);
      out.op16(immediate8 | (rd << 8) | this.integer(op, second, 0xff));
      return true;
    }
    if (out.hasThumb2) {
      switch (op) {
        case 'movw':
        case 'movt': {
          const rd = this.register(op, first, ANY);
          out.move16(op === 'movw' ? MOVW : MOVT, rd, this.integer(op, second, 0xffff));
          return true;
        }
        case 'movwt': {
          const rd = this.register(op, first, ANY);
          const value = this.integer(op, second, 0xffffffff);
          out.move16(MOVW, rd, value & 0xffff);
          out.move16(MOVT, rd, value >>> 16);
          return true;
        }
        case 'ldrex': {
          const rt = this.register(op, first, ANY);
          const address = this.address(op, second);
          if (address === null) return true;
          const rn = this.register(op, address.base, ANY);
          out.op32(0xe850 | rn, 0x0f00 | (rt << 12) | (this.integer(op, address.offset, 0xff) >> 2));
          return true;
        }
      }
    }
    const transfer = LOADS_AND_STORES.get(op);
    if (transfer === undefined) return false;
    const rt = this.register(op, first, 7);
    const address = this.address(op, second);
    if (address === null) return false;
    const rn = this.register(op, address.base, BASE_LOW);
    const offset = this.integer(op, address.offset, transfer.mask) >> transfer.shift;
    out.op16(transfer.op | ((offset << 6) & 0x7c0) | (rn << 3) | rt);
    return true;
  }

  private three(op: string, first: Node, second: Node, third: Node): boolean {
    const { out } = this;
    const shift = SHIFTS.get(op);
    if (shift !== undefined) {
      const rd = this.register(op, first, 7);
      const rm = this.register(op, second, 7);
      out.shiftImmediate(shift, rd, rm, this.integer(op, third, 0x1f));
      return true;
    }
    if (op === 'add' || op === 'sub') {
      const rd = this.register(op, first, 7);
      const rn = this.register(op, second, 7);
      const base = op === 'add' ? 0x1800 : 0x1a00;
      const operand = isName(third) ? this.register(op, third, 7) : 0x10 | this.integer(op, third, 7);
      out.op16(base | (operand << 6) | (rn << 3) | rd);
      return true;
    }
    if (!out.hasThumb2) return false;
    if (op === 'sdiv' || op === 'udiv') {
      const rd = this.register(op, first, ANY);
      const rn = this.register(op, second, ANY);
      const rm = this.register(op, third, ANY);
      out.op32((op === 'sdiv' ? 0xfb90 : 0xfbb0) | rn, 0xf0f0 | (rd << 8) | rm);
      return true;
    }
    if (op !== 'strex') return false;
    const rd = this.register(op, first, ANY);
    const rt = this.register(op, second, ANY);
    const address = this.address(op, third);
    if (address === null) return true;
    const rn = this.register(op, address.base, ANY);
    out.op32(0xe840 | rn, (rt << 12) | (rd << 8) | (this.integer(op, address.offset, 0xff) >> 2));
    return true;
  }

  private float(op: string, args: readonly Node[]): boolean {
    const { out } = this;
    if (args.length === 3) {
      const three = VFP_THREE.get(op);
      if (three === undefined) return false;
      const d = this.floatRegister(op, args[0]);
      const n = this.floatRegister(op, args[1]);
      const m = this.floatRegister(op, args[2]);
      out.op32(three[0] | ((d & 1) << 6) | (n >> 1), three[1] | (m >> 1) | ((m & 1) << 5) | ((d & 0x1e) << 11) | ((n & 1) << 7));
      return true;
    }
    if (args.length !== 2) return false;
    const two = VFP_TWO.get(op);
    if (two !== undefined) {
      const d = this.floatRegister(op, args[0]);
      const m = this.floatRegister(op, args[1]);
      out.op32(two[0] | ((d & 1) << 6), two[1] | ((d & 0x1e) << 11) | ((m & 1) << 5) | (m >> 1));
      return true;
    }
    switch (op) {
      case 'vmrs': {
        const rt = this.textOf(args[0]) === 'APSR_nzcv' ? 15 : this.register(op, args[0], ANY);
        if (this.textOf(args[1]) !== 'FPSCR') return false;
        out.op32(0xeef1, 0x0a10 | (rt << 12));
        return true;
      }
      case 'vmov': {
        const toCore = this.textOf(args[0]).startsWith('r');
        const core = (): number => this.register(op, args[toCore ? 0 : 1], ANY);
        const single = (): number => this.floatRegister(op, args[toCore ? 1 : 0]);
        const [rt, s] = toCore ? [core(), single()] : this.swapped(single, core);
        out.op32(0xee00 | (toCore ? 0x10 : 0) | (s >> 1), 0x0a10 | (rt << 12) | ((s & 1) << 7));
        return true;
      }
      case 'vldr':
      case 'vstr': {
        const d = this.floatRegister(op, args[0]);
        const address = this.address(op, args[1]);
        if (address === null) return true;
        const rn = this.register(op, address.base, BASE_LOW);
        const words = this.integer(op, address.offset, 0x3fc) >> 2;
        out.op32((op === 'vldr' ? 0xed90 : 0xed80) | rn | ((d & 1) << 6), 0x0a00 | ((d & 0x1e) << 11) | words);
        return true;
      }
      default:
        return false;
    }
  }

  /** Reads the second value first, because the last error is the one that is reported. */
  private swapped(first: () => number, second: () => number): [number, number] {
    const one = first();
    return [second(), one];
  }
}
