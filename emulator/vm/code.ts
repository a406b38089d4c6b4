/**
 * Code objects: a raw code's bytecode decoded once into arrays that the interpreter can run, with names and constants looked up.
 * Decoding checks everything that a malformed `.mpy` could have wrong, so the interpreter need not.
 */
import type { CompiledModule, Const, RawCode } from '../compiler/rawcode.ts';
import { CodeKind, ConstBytes, ConstComplex, ConstFloat, ConstTuple } from '../compiler/rawcode.ts';
import type { CallSignature } from '../objects/bytecode-function.ts';
import { MpBytes } from '../objects/bytes.ts';
import { MpComplex } from '../objects/complex.ts';
import { MpFloat } from '../objects/float.ts';
import { sizeOfInt } from '../objects/int-size.ts';
import type { MpMap } from '../objects/map.ts';
import { ellipsis } from '../objects/singletons.ts';
import { utf8Length } from '../objects/str-width.ts';
import { MpTuple } from '../objects/tuple.ts';
import { intern, isInterned } from './interning.ts';
import { DECODE, MULTI, Op, Operand } from './opcodes.ts';
import type { MethodSite } from './translate/method-site.ts';
import type { Translated } from './translate/run.ts';
import type { Value } from './value.ts';
import { vm } from './vm.ts';

/** Bytecode that no compiler writes. The importer turns it into the guest's ValueError. */
export class BadBytecode extends Error {}

/** What a call takes, in bytes: heap for a state that is too large for the stack, the stack then, and the stack when it holds the state. */
export interface CallCosts {
  readonly heapBytes: number;
  readonly small: number;
  readonly large: number;
}

/** What all code of one module shares. */
export class ModuleCode {
  readonly consts: readonly Value[];
  readonly fileName: string;
  /** It comes from a file, not from the compiler. */
  readonly isForeign: boolean;
  constructor(
    readonly compiled: CompiledModule,
    /** Frozen: it lies in ROM, and takes no heap. */
    readonly rom = false,
  ) {
    this.consts = compiled.consts.map(toValue);
    this.fileName = compiled.qstrs[0] ?? '';
    this.isForeign = compiled.scopes === undefined;
    for (const name of compiled.interned ?? []) intern(name);
    for (const name of compiled.qstrs) intern(name);
    if (!rom) this.blocks(bytes => vm.heap.alloc(bytes));
  }

  /** The heap blocks of the module's context and its tables, of its constants too, and of all its code. Calls `block` with the bytes of each. */
  private blocks(block: (bytes: number) => void): void {
    this.tableBlocks(block);
    for (const constant of this.consts) constantBlocks(constant, block);
    const code = (raw: RawCode): void => {
      codeBlocks(raw, block);
      raw.children.forEach(code);
    };
    code(this.compiled.root);
  }

  /** The module's context (the module, its tables' addresses), and the tables of names, two bytes each, and constants. */
  tableBlocks(block: (bytes: number) => void): void {
    const { wordSize } = vm;
    block(4 * wordSize);
    block((Math.ceil((this.compiled.qstrs.length * 2) / wordSize) + this.consts.length) * wordSize);
  }
}

/** The heap blocks of one function's code: its description, its bytecode, its table of inner functions. */
export function codeBlocks(raw: RawCode, block: (bytes: number) => void): void {
  block((vm.wordSize === 4 ? 4 : 3) * vm.wordSize);
  block(raw.code.length);
  block(raw.children.length * vm.wordSize);
}

/** The heap blocks of a constant object that came with code. */
function constantBlocks(constant: Value, block: (bytes: number) => void): void {
  const { wordSize } = vm;
  if (typeof constant === 'string') {
    if (isInterned(constant)) return;
    block(4 * wordSize);
    block(utf8Length(constant) + 1);
  } else if (constant instanceof MpBytes) {
    block(4 * wordSize);
    block(constant.data.length + 1);
  } else if (constant instanceof MpFloat) block(2 * wordSize);
  else if (constant instanceof MpComplex) block(wordSize + 2 * (vm.float32 ? 4 : 8));
  else if (constant instanceof MpTuple) {
    block((2 + constant.items.length) * wordSize);
    for (const item of constant.items) constantBlocks(item, block);
  } else if (typeof constant === 'number' || typeof constant === 'bigint') {
    const bytes = sizeOfInt(constant);
    block(Math.min(bytes, 4 * wordSize));
    block(bytes - 4 * wordSize);
  }
}

/** A constant as a guest value. It belongs to the code, which the reference keeps in ROM or in the module's heap. */
export function toValue(constant: Const): Value {
  if (constant === null || typeof constant !== 'object') return constant;
  if (constant instanceof ConstBytes) return new MpBytes(constant.data);
  if (constant instanceof ConstFloat) return new MpFloat(vm.float32 ? Math.fround(constant.value) : constant.value);
  if (constant instanceof ConstComplex) return new MpComplex(constant.real, constant.imag);
  if (constant instanceof ConstTuple) return new MpTuple(constant.items.map(toValue));
  return ellipsis;
}

/** What stands in front of bytecode, and behind native code (py/bc.h). */
interface Prelude extends CallSignature {
  readonly nExcStack: number;
  readonly nDefPosArgs: number;
  readonly lineInfo: Uint8Array;
}

/** The prelude at an offset of native code. @throws BadBytecode */
export function readSignature(code: Uint8Array, offset: number, qstrs: readonly string[]): CallSignature {
  const reader = new ByteReader(code);
  reader.position = offset;
  return parseSignature(reader, code, qstrs);
}

/** Leaves the reader behind the prelude. */
function parseSignature(reader: ByteReader, code: Uint8Array, qstrs: readonly string[]): Prelude {
  const qstr = (index: number): string => {
    if (index >= qstrs.length) throw new BadBytecode('qstr index out of range');
    return qstrs[index];
  };
  // Signature: values interleaved bit by bit over a variable number of bytes.
  let z = reader.byte();
  let s = (z >> 3) & 0xf;
  let e = (z >> 2) & 1;
  let f = 0;
  let a = z & 3;
  let k = 0;
  let d = 0;
  for (let n = 0; (z & 0x80) !== 0; n++) {
    if (n > 10) throw new BadBytecode('signature too long');
    z = reader.byte();
    s |= (z & 0x30) << (2 * n);
    e |= (z & 0x02) << n;
    f |= ((z & 0x40) >> 6) << n;
    a |= (z & 0x04) << n;
    k |= ((z & 0x08) >> 3) << n;
    d |= (z & 0x01) << n;
  }
  let nInfo = 0;
  let nCell = 0;
  for (let n = 0; ; n++) {
    if (n > 4) throw new BadBytecode('prelude too long');
    z = reader.byte();
    nInfo |= ((z & 0x7e) >> 1) << (6 * n);
    nCell |= (z & 1) << n;
    if ((z & 0x80) === 0) break;
  }
  const infoEnd = reader.position + nInfo;
  if (infoEnd + nCell > code.length) throw new BadBytecode('prelude runs over the end');
  const name = qstr(reader.uint());
  const argNames: string[] = [];
  for (let i = 0; i < a + k; i++) argNames.push(qstr(reader.uint()));
  if (reader.position > infoEnd) throw new BadBytecode('prelude too short');
  const lineInfo = code.subarray(reader.position, infoEnd);
  reader.position = infoEnd;
  const nState = s + 1;
  const cells: number[] = [];
  for (let i = 0; i < nCell; i++) {
    const local = reader.byte();
    if (local >= nState) throw new BadBytecode('local out of range');
    // Locals grow down from the end of the state.
    cells.push(nState - 1 - local);
  }
  return { nState, nExcStack: e, scopeFlags: f, nPosArgs: a, nKwonlyArgs: k, nDefPosArgs: d, name, argNames, lineInfo, cells };
}

export class CodeObject {
  readonly nState: number;
  readonly nExcStack: number;
  readonly scopeFlags: number;
  readonly nPosArgs: number;
  readonly nKwonlyArgs: number;
  readonly nDefPosArgs: number;
  readonly name: string;
  readonly argNames: readonly string[];
  /** Locals that are put into cells when the function starts. */
  readonly cells: readonly number[];
  /** Instructions: number and operand. A jump's operand is an instruction; UnwindJump has the handlers to unwind above bit 23. */
  readonly ops: Uint8Array;
  readonly args: Int32Array;
  /** Names by operand, for instructions that have one. */
  readonly names: readonly string[];
  /** Small integers too wide for an Int32Array, by instruction. */
  readonly wide: Map<number, number | bigint> | null;
  /** Where the instructions begin, behind the prelude. */
  readonly start: number;
  /** Bytecode offset of each instruction, for line numbers. */
  private readonly offsets: Int32Array;
  private readonly lineInfo: Uint8Array;
  private readonly childCodes: (CodeObject | undefined)[];
  /** Slots where names were last found, for instructions that look names up (interpreter.ts). */
  readonly cache: Int32Array;

  /** Built-in objects by the instruction that found them, and the globals that had no such name when it did. */
  builtins: ({ readonly map: MpMap; readonly changes: number; readonly value: Value } | undefined)[] | null = null;
  /** What instructions that look methods up have found (translate/method-site.ts). */
  methods: (MethodSite | undefined)[] | null = null;
  /** Worked out at the first call (objects/bytecode-function.ts). */
  callCosts: CallCosts | null = null;
  /** What a frame's state is copied from. */
  readonly blankState: undefined[] = [];
  /** How often it has been called or gone round, since it was last looked at; translate/run.ts knows the scale. */
  heat = 0;
  /** What tells it from functions that are translated otherwise (translate/run.ts). */
  key: string | undefined;
  /** As JavaScript; null when that cannot be, undefined when it has not been tried. */
  translated: Translated | null | undefined = undefined;

  /** Takes exactly its positional arguments, and none of them goes into a cell: a call only copies. */
  readonly simple: boolean;

  constructor(
    readonly raw: RawCode,
    readonly module: ModuleCode,
  ) {
    if (raw.kind !== CodeKind.Bytecode) throw new BadBytecode('not bytecode');
    const reader = new ByteReader(raw.code);
    const qstrs = module.compiled.qstrs;
    const qstr = (index: number): string => {
      if (index >= qstrs.length) throw new BadBytecode('qstr index out of range');
      return qstrs[index];
    };
    const signature = parseSignature(reader, raw.code, qstrs);
    this.nState = signature.nState;
    this.nExcStack = signature.nExcStack;
    this.scopeFlags = signature.scopeFlags;
    this.nPosArgs = signature.nPosArgs;
    this.nKwonlyArgs = signature.nKwonlyArgs;
    this.nDefPosArgs = signature.nDefPosArgs;
    this.name = signature.name;
    this.argNames = signature.argNames;
    this.lineInfo = signature.lineInfo;
    this.cells = signature.cells;
    this.simple = this.scopeFlags === 0 && this.nKwonlyArgs === 0 && this.cells.length === 0;

    const start = reader.position;
    this.start = start;
    const { code } = raw;
    const ops: number[] = [];
    const args: number[] = [];
    const offsets: number[] = [];
    let wide: Map<number, number | bigint> | null = null;
    const indexAt = new Int32Array(code.length - start + 1).fill(-1);
    const jumps: number[] = [];
    const unwinds = new Map<number, number>();
    while (reader.position < code.length) {
      const index = ops.length;
      indexAt[reader.position - start] = index;
      offsets.push(reader.position - start);
      const byte = reader.byte();
      const entry = DECODE[byte];
      if (entry === undefined) {
        const multi = MULTI.find(m => byte >= m.first && byte < m.first + m.count);
        if (multi === undefined) throw new BadBytecode(`opcode 0x${byte.toString(16)}`);
        const value = multi.base + byte - multi.first;
        if (multi.op === Op.BinaryOp) {
          ops.push(Op.BinaryOp + value);
          args.push(value);
        } else {
          ops.push(multi.op);
          args.push(multi.op === Op.LoadFast || multi.op === Op.StoreFast ? this.local(value) : value);
        }
        continue;
      }
      const [op, operand] = entry;
      ops.push(op);
      switch (operand) {
        case Operand.None:
          args.push(0);
          break;
        case Operand.Qstr: {
          const q = reader.uint();
          qstr(q);
          args.push(q);
          break;
        }
        case Operand.Uint: {
          const value = reader.uint();
          if (op === Op.LoadObj && value >= module.consts.length) throw new BadBytecode('constant out of range');
          if (COUNTS_VALUES.has(op) && value > this.nState) throw new BadBytecode('more values than the stack has');
          args.push(NAMES_A_LOCAL.has(op) ? this.local(value) : value | 0);
          break;
        }
        case Operand.Sint: {
          const value = reader.sint();
          if (typeof value === 'number' && value === (value | 0)) args.push(value);
          else {
            wide ??= new Map();
            wide.set(index, value);
            args.push(0);
          }
          break;
        }
        case Operand.Child:
          args.push(this.checkChild(reader.uint()));
          break;
        case Operand.ChildClosure: {
          const child = this.checkChild(reader.uint());
          args.push((child << 8) | reader.byte());
          break;
        }
        case Operand.JumpForward: {
          const distance = reader.forwardJump();
          jumps.push(index);
          args.push(reader.position - start + distance);
          break;
        }
        case Operand.Jump:
        case Operand.JumpUnwind: {
          const distance = reader.jump();
          jumps.push(index);
          args.push(reader.position - start + distance);
          if (operand === Operand.JumpUnwind) unwinds.set(index, reader.byte());
          break;
        }
      }
    }
    indexAt[code.length - start] = ops.length;
    for (const index of jumps) {
      const target = args[index];
      const to = target >= 0 && target <= code.length - start ? indexAt[target] : -1;
      if (to < 0 || to >= ops.length) throw new BadBytecode('jump to nowhere');
      const unwind = unwinds.get(index);
      args[index] = unwind === undefined ? to : (unwind << 23) | to;
    }
    if (ops.length === 0 || !ENDS.has(ops[ops.length - 1])) throw new BadBytecode('runs over the end');
    this.ops = Uint8Array.from(ops);
    this.args = Int32Array.from(args);
    this.offsets = Int32Array.from(offsets);
    this.names = qstrs;
    this.wide = wide;
    this.childCodes = new Array(raw.children.length);
    this.cache = new Int32Array(ops.length);
    for (let i = 0; i < this.nState; i++) this.blankState.push(undefined);
  }

  /** A list of something for each instruction, which the host is quickest with when it has no holes. */
  forEachInstruction<T>(): (T | undefined)[] {
    const list: (T | undefined)[] = [];
    for (let i = 0; i < this.ops.length; i++) list.push(undefined);
    return list;
  }

  /** Where a local lives in a frame's state: locals grow down from the end, the value stack up from the start. */
  private local(index: number): number {
    if (index >= this.nState) throw new BadBytecode('local out of range');
    return this.nState - 1 - index;
  }

  private checkChild(index: number): number {
    if (index >= this.raw.children.length) throw new BadBytecode('child out of range');
    return index;
  }

  child(index: number): CodeObject | RawCode {
    let code = this.childCodes[index];
    if (code === undefined) {
      const raw = this.raw.children[index];
      if (raw.kind !== CodeKind.Bytecode) return raw;
      code = this.childCodes[index] = new CodeObject(raw, this.module);
    }
    return code;
  }

  /** The source line of an instruction (py/bc.c). */
  lineOf(index: number): number {
    const wanted = this.offsets[index];
    let found = 1;
    for (const { offset, line } of this.lineTable()) {
      if (wanted < offset) break;
      found = line;
    }
    return found;
  }

  private lines: { offset: number; line: number }[] | undefined;

  /** Where in the bytecode each entry of the line-number table begins, and with which line. */
  lineTable(): readonly { offset: number; line: number }[] {
    if (this.lines !== undefined) return this.lines;
    let offset = 0;
    let line = 1;
    this.lines = [{ offset, line }];
    const info = this.lineInfo;
    for (let i = 0; i < info.length; ) {
      const byte = info[i];
      if ((byte & 0x80) === 0) {
        offset += byte & 0x1f;
        line += byte >> 5;
        i += 1;
      } else {
        offset += byte & 0xf;
        line += ((byte << 4) & 0x700) | (info[i + 1] ?? 0);
        i += 2;
      }
      this.lines.push({ offset, line });
    }
    return this.lines;
  }

  /** Bytes of state that the device needs for a call: value stack and exception stack. */
  stateBytes(wordSize: number): number {
    return (this.nState + 3 * this.nExcStack) * wordSize;
  }
}

/** Instructions whose operand is a number of values on the stack. */
const COUNTS_VALUES = new Set<Op>([Op.BuildTuple, Op.BuildList, Op.BuildSet, Op.UnpackSequence]);

/** Instructions that never go on with the next one. */
const ENDS = new Set<Op>([Op.ReturnValue, Op.Jump, Op.UnwindJump, Op.PopExceptJump, Op.RaiseLast, Op.RaiseObj, Op.RaiseFrom]);

/** Instructions whose operand is the slot of a variable. */
export const NAMES_A_LOCAL = new Set<Op>([Op.LoadFast, Op.LoadDeref, Op.StoreFast, Op.StoreDeref, Op.DeleteFast, Op.DeleteDeref]);

export class ByteReader {
  position = 0;
  constructor(private readonly bytes: Uint8Array) {}

  byte(): number {
    if (this.position >= this.bytes.length) throw new BadBytecode('runs over the end');
    return this.bytes[this.position++];
  }

  uint(): number {
    let value = 0;
    for (let n = 0; ; n++) {
      if (n > 4) throw new BadBytecode('number too long');
      const byte = this.byte();
      value = value * 128 + (byte & 0x7f);
      if ((byte & 0x80) === 0) return value;
    }
  }

  /** Distance of a jump that only goes forward. */
  forwardJump(): number {
    const low = this.byte();
    return (low & 0x80) !== 0 ? (low & 0x7f) | (this.byte() << 7) : low;
  }

  jump(): number {
    const low = this.byte();
    return (low & 0x80) !== 0 ? ((low & 0x7f) | (this.byte() << 7)) - 0x4000 : low - 0x40;
  }

  sint(): number | bigint {
    let byte = this.byte();
    let value = BigInt((byte & 0x40) !== 0 ? -1 : 0);
    for (let n = 0; ; n++) {
      if (n > 9) throw new BadBytecode('number too long');
      value = (value << 7n) | BigInt(byte & 0x7f);
      if ((byte & 0x80) === 0) break;
      byte = this.byte();
    }
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }
}
