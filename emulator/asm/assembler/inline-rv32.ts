/** `@micropython.asm_rv32`: instructions as MicroPython 1.27.0 knows them (py/emitinlinerv32.c), with its messages. */
import { type EmitContext, Pass } from '../../compiler/emitter.ts';
import { isKind, isName, isToken, type Node, R } from '../../compiler/parse-node.ts';
import { Token } from '../../compiler/token.ts';
import { InlineAssembler, integerOf } from './inline-arguments.ts';
import { EXTENSION_ZBA, RA, Rv32Assembler, typeB, typeCA, typeCB, typeCI, typeCJ, typeI, typeJ, typeR, typeS, typeU } from './rv32.ts';
import { Arch } from './thumb.ts';

const REGISTERS = new Map<string, number>([
  ...['zero', 'ra', 'sp', 'gp', 'tp', 't0', 't1', 't2', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7']
    .concat(['s2', 's3', 's4', 's5', 's6', 's7', 's8', 's9', 's10', 's11', 't3', 't4', 't5', 't6'])
    .map((name, n): [string, number] => [name, n]),
  ...Array.from({ length: 32 }, (_, n): [string, number] => [`x${n}`, n]),
]);

/** What an argument must be. `mask` holds the registers allowed, or the bits that an immediate may have. */
interface Argument {
  readonly kind: 'register' | 'integer' | 'label';
  readonly mask: number;
  /** A register that is encoded in three bits. */
  readonly compressed?: boolean;
  readonly unsigned?: boolean;
  readonly nonZero?: boolean;
  readonly shift?: number;
}

const anyRegister: Argument = { kind: 'register', mask: 0xffffffff };
const nonZeroRegister: Argument = { kind: 'register', mask: 0xfffffffe };
const windowRegister: Argument = { kind: 'register', mask: 0xff00, compressed: true };
const signed = (mask: number): Argument => ({ kind: 'integer', mask });
const unsigned = (mask: number): Argument => ({ kind: 'integer', mask, unsigned: true });
const label = (mask: number): Argument => ({ kind: 'label', mask });

interface Instruction {
  readonly args: readonly Argument[];
  /** The last two arguments are written as one, `offset(base)`. */
  readonly memory?: boolean;
  readonly extension?: number;
  readonly emit: (out: Rv32Assembler, a: number, b: number, c: number) => void;
}

const INSTRUCTIONS = new Map<string, Instruction>();

const three = (names: Record<string, readonly [number, number]>, extension = 0): void => {
  for (const [name, [funct3, funct7]] of Object.entries(names))
    INSTRUCTIONS.set(name, {
      args: [anyRegister, anyRegister, anyRegister],
      extension,
      emit: (out, rd, rs1, rs2) => out.word(typeR(0x33, funct3, funct7, rd, rs1, rs2)),
    });
};
three({
  add: [0, 0],
  sub: [0, 0x20],
  sll: [1, 0],
  slt: [2, 0],
  sltu: [3, 0],
  xor: [4, 0],
  srl: [5, 0],
  sra: [5, 0x20],
  or_: [6, 0],
  and_: [7, 0],
});
three({ mul: [0, 1], mulh: [1, 1], mulhsu: [2, 1], mulhu: [3, 1], div: [4, 1], divu: [5, 1], rem: [6, 1], remu: [7, 1] });
three({ sh1add: [2, 0x10], sh2add: [4, 0x10], sh3add: [6, 0x10] }, EXTENSION_ZBA);

for (const [name, funct3] of Object.entries({ addi: 0, slti: 2, sltiu: 3, xori: 4, ori: 6, andi: 7 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, anyRegister, signed(0xfff)],
    emit: (out, rd, rs1, immediate) => out.word(typeI(0x13, funct3, rd, rs1, immediate)),
  });
for (const [name, [funct3, upper]] of Object.entries({ slli: [1, 0], srli: [5, 0], srai: [5, 0x400] }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, anyRegister, unsigned(0x1f)],
    emit: (out, rd, rs1, amount) => out.word(typeI(0x13, funct3, rd, rs1, amount | upper)),
  });
for (const [name, funct3] of Object.entries({ csrrw: 1, csrrs: 2, csrrc: 3 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, anyRegister, unsigned(0xfff)],
    emit: (out, rd, rs1, csr) => out.word(typeI(0x73, funct3, rd, rs1, csr)),
  });
for (const [name, funct3] of Object.entries({ csrrwi: 5, csrrsi: 6, csrrci: 7 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, unsigned(0xfff), unsigned(0x1f)],
    emit: (out, rd, csr, immediate) => out.word(typeI(0x73, funct3, rd, immediate, csr)),
  });
for (const [name, funct3] of Object.entries({ beq: 0, bne: 1, blt: 4, bge: 5, bltu: 6, bgeu: 7 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, anyRegister, label(0x1ffe)],
    emit: (out, rs1, rs2, distance) => out.word(typeB(0x63, funct3, rs1, rs2, distance)),
  });
for (const [name, funct3] of Object.entries({ lb: 0, lh: 1, lw: 2, lbu: 4, lhu: 5 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, signed(0xfff), anyRegister],
    memory: true,
    emit: (out, rd, offset, rs1) => out.word(typeI(0x03, funct3, rd, rs1, offset)),
  });
for (const [name, funct3] of Object.entries({ sb: 0, sh: 1, sw: 2 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, signed(0xfff), anyRegister],
    memory: true,
    emit: (out, rs2, offset, rs1) => out.word(typeS(0x23, funct3, rs1, rs2, offset)),
  });
for (const [name, op] of Object.entries({ lui: 0x37, auipc: 0x17 }))
  INSTRUCTIONS.set(name, {
    args: [anyRegister, { ...signed(0xfffff000), shift: 12 }],
    emit: (out, rd, immediate) => out.word(typeU(op, rd, immediate)),
  });
for (const [name, [funct6, funct2]] of Object.entries({ c_sub: [0x23, 0], c_xor: [0x23, 1], c_or: [0x23, 2], c_and: [0x23, 3] }))
  INSTRUCTIONS.set(name, {
    args: [windowRegister, windowRegister],
    emit: (out, rd, rs2) => out.halfword(typeCA(funct6, funct2, rd, rs2)),
  });
for (const [name, mode] of Object.entries({ c_srli: 0, c_srai: 0x20 }))
  INSTRUCTIONS.set(name, {
    args: [windowRegister, unsigned(0x1f)],
    emit: (out, rd, amount) => out.halfword(typeCB(4, rd, amount | mode)),
  });
for (const [name, onZero] of Object.entries({ c_beqz: true, c_bnez: false }))
  INSTRUCTIONS.set(name, {
    args: [windowRegister, label(0x1fe)],
    emit: (out, rs1, distance) => out.compressedBranch(onZero, rs1, distance),
  });
for (const [name, funct3] of Object.entries({ c_j: 5, c_jal: 1 }))
  INSTRUCTIONS.set(name, { args: [label(0xffe)], emit: (out, distance) => out.halfword(typeCJ(funct3, distance)) });

const others: Record<string, Instruction> = {
  jal: { args: [anyRegister, label(0x1ffffe)], emit: (out, rd, distance) => out.word(typeJ(0x6f, rd, distance)) },
  jalr: { args: [anyRegister, anyRegister, signed(0xfff)], emit: (out, rd, rs1, immediate) => out.jalr(rd, rs1, immediate) },
  la: { args: [anyRegister, label(0xffffffff)], emit: (out, rd, distance) => out.loadAddress(rd, distance) },
  li: { args: [anyRegister, signed(0xffffffff)], emit: (out, rd, value) => out.loadImmediate(rd, value) },
  mv: { args: [anyRegister, anyRegister], emit: (out, rd, rs) => out.compressedMove(rd, rs) },
  ebreak: { args: [], emit: out => out.word(0x100073) },
  ecall: { args: [], emit: out => out.word(0x73) },
  c_ebreak: { args: [], emit: out => out.halfword(0x9002) },
  c_nop: { args: [], emit: out => out.halfword(0x0001) },
  c_add: { args: [nonZeroRegister, nonZeroRegister], emit: (out, rd, rs) => out.compressedAdd(rd, rs) },
  c_mv: { args: [nonZeroRegister, nonZeroRegister], emit: (out, rd, rs) => out.compressedMove(rd, rs) },
  c_addi: { args: [nonZeroRegister, { ...signed(0x3f), nonZero: true }], emit: (out, rd, value) => out.compressedAddi(rd, value) },
  c_addi4spn: {
    args: [
      { kind: 'register', mask: 0xff00 },
      { ...unsigned(0x3fc), nonZero: true },
    ],
    emit: (out, rd, value) => out.compressedAddi4spn(rd, value),
  },
  c_andi: {
    args: [windowRegister, signed(0x3f)],
    emit: (out, rd, value) => out.halfword(typeCB(4, rd, ((value & 0x20) << 2) | (value & 0x1f) | 0x40)),
  },
  c_jr: { args: [nonZeroRegister], emit: (out, rs1) => out.compressedJr(rs1) },
  c_jalr: { args: [nonZeroRegister], emit: (out, rs1) => out.compressedJalr(rs1) },
  c_li: { args: [nonZeroRegister, signed(0x3f)], emit: (out, rd, value) => out.compressedLi(rd, value) },
  c_lui: {
    args: [
      { kind: 'register', mask: 0xfffffffa },
      { ...unsigned(0x1f800), nonZero: true, shift: 12 },
    ],
    emit: (out, rd, value) => out.compressedLui(rd, value),
  },
  c_slli: { args: [nonZeroRegister, unsigned(0x1f)], emit: (out, rd, amount) => out.halfword(typeCI(2, 0, rd, amount)) },
  c_lw: {
    args: [windowRegister, signed(0x7c), windowRegister],
    memory: true,
    emit: (out, rd, offset, rs1) => out.compressedLw(rd, rs1, offset),
  },
  c_sw: {
    args: [windowRegister, signed(0x7c), windowRegister],
    memory: true,
    emit: (out, rs2, offset, rs1) => out.compressedSw(rs2, rs1, offset),
  },
  c_lwsp: { args: [nonZeroRegister, signed(0xfc)], emit: (out, rd, offset) => out.compressedLwsp(rd, offset) },
  c_swsp: { args: [anyRegister, signed(0xfc)], emit: (out, rs2, offset) => out.compressedSwsp(rs2, offset) },
};
for (const [name, instruction] of Object.entries(others)) INSTRUCTIONS.set(name, instruction);

/** Whether a number fits a mask of contiguous bits, as a two's complement number of that width whose bits below the mask are zero. */
function fitsSignedMask(mask: number, value: number): boolean {
  const leading = Math.clz32(mask);
  if (leading === 0) return true;
  const signBit = 1 << (31 - leading);
  if ((value & ~(mask & ~signBit)) === 0) return true;
  const low = (mask & -mask) - 1;
  if (value & low) return false;
  const ones = ~(mask >>> 1) & ~low;
  return ((value & ones) | 0) === (ones | 0);
}

/** Thrown within an instruction; the first error is the one that counts. */
class ArgumentError {
  constructor(readonly message: string) {}
}

export class InlineRv32 extends InlineAssembler<Rv32Assembler> {
  constructor(
    context: EmitContext,
    maxLabels: number,
    private readonly extensions: number,
  ) {
    super(context, new Rv32Assembler(maxLabels, extensions), Arch.Rv32imc);
  }

  protected begin(): void {}
  protected end(): void {
    this.out.compressedJr(RA);
  }

  protected checkParameters(parameters: readonly Node[]): boolean {
    if (parameters.length > 4) {
      this.fail('can only have up to 4 parameters for RV32 assembly');
      return false;
    }
    const inSequence = parameters.every((node, i) => REGISTERS.get(this.textOf(node)) === 10 + i);
    if (!inSequence) this.fail('parameters must be registers in sequence a0 to a3');
    return inSequence;
  }

  protected assemble(name: string, args: readonly Node[]): void {
    try {
      const instruction = INSTRUCTIONS.get(name);
      if (instruction === undefined || ((instruction.extension ?? 0) & ~this.extensions) !== 0)
        throw new ArgumentError(`invalid RV32 instruction '${name}'`);
      const count = instruction.args.length - (instruction.memory ? 1 : 0);
      if (args.length !== count) throw new ArgumentError(`opcode '${name}': expecting ${count} arguments`);
      const values = instruction.memory
        ? [this.value(name, instruction.args[0], args[0], 0), ...this.memory(name, instruction, args[1])]
        : args.map((node, i) => this.value(name, instruction.args[i], node, i));
      instruction.emit(this.out, values[0], values[1], values[2]);
    } catch (error) {
      if (!(error instanceof ArgumentError)) throw error;
      this.fail(error.message);
    }
  }

  private value(op: string, argument: Argument, node: Node, index: number): number {
    const at = `opcode '${op}' argument ${index + 1}`;
    switch (argument.kind) {
      case 'register': {
        const register = REGISTERS.get(this.textOf(node));
        if (register === undefined) throw new ArgumentError(`${at}: expecting register`);
        if (!(argument.mask & (1 << register))) throw new ArgumentError(`${at}: unknown register`);
        return argument.compressed ? register - 8 : register;
      }
      case 'integer': {
        const integer = integerOf(node);
        if (integer === null) throw new ArgumentError(`${at}: expecting integer`);
        const value = Number(BigInt.asIntN(32, integer)) << (argument.shift ?? 0);
        this.checkRange(at, argument, value);
        return value;
      }
      default: {
        if (!isName(node)) throw new ArgumentError(`${at}: expecting label`);
        const number = this.labels.get(node.arg);
        if (number === undefined && this.pass === Pass.Emit)
          throw new ArgumentError(`${at}: undefined label '${this.context.pool.text(node.arg)}'`);
        // In the first pass a label further on counts as one at the start of the function.
        const distance = (number === undefined ? 0 : this.out.labelOffsets[number]) - this.out.offset;
        this.checkRange(at, argument, distance);
        return distance;
      }
    }
  }

  private checkRange(at: string, { mask, unsigned: isUnsigned, nonZero }: Argument, value: number): void {
    const fits = isUnsigned ? (value & ~mask) === 0 : fitsSignedMask(mask, value);
    if (!fits) throw new ArgumentError(`${at}: out of range`);
    if (nonZero && value === 0) throw new ArgumentError(`${at}: must not be zero`);
  }

  /** `offset(base)`, which is parsed as a call; with a sign in front when the offset has one. */
  private memory(op: string, instruction: Instruction, node: Node): [number, number] {
    let call = node;
    let negative = false;
    if (isKind(call, R.factor_2)) {
      negative = isToken(call.nodes[0], Token.Minus);
      call = negative || isToken(call.nodes[0], Token.Plus) ? call.nodes[1] : null;
    }
    if (!isKind(call, R.atom_expr_normal)) throw new ArgumentError(`opcode '${op}' argument 2: expecting offset`);
    const [offsetNode, trailer] = call.nodes;
    let offset: number;
    if (negative) {
      const integer = integerOf(offsetNode);
      if (integer === null) throw new ArgumentError(`opcode '${op}' argument 2: expecting integer`);
      offset = Number(BigInt.asIntN(32, -integer));
      const { mask } = instruction.args[1];
      if (!fitsSignedMask(mask, offset)) throw new ArgumentError(`opcode '${op}' argument 2: out of range`);
    } else {
      offset = this.value(op, instruction.args[1], offsetNode, 1);
    }
    return [offset, this.value(op, instruction.args[2], trailer!.nodes[0], 2)];
  }
}
