/** Compiled code in words, as the Unix executable prints it for `-v -v` (py/showbc.c of MicroPython 1.27.0). */
import { Op as Byte } from '../compiler/opcodes.ts';
import { CodeKind, type RawCode } from '../compiler/rawcode.ts';
import { formatAddress } from '../objects/identity.ts';
import { ByteReader, CodeObject, type ModuleCode } from './code.ts';
import { DECODE, MULTI, Op, Operand } from './opcodes.ts';
import { printValue } from './printing.ts';
import { type Printer, PrintKind, type Value } from './value.ts';

const BYTES_A_LINE = 16;

/** By number of the operation; those that are no special method have no name. */
const UNARY_NAMES = ['__pos__', '__neg__', '__invert__', ''];
const PLAIN = ['or', 'xor', 'and', 'lshift', 'rshift', 'add', 'sub', 'mul', 'matmul', 'floordiv', 'truediv', 'mod', 'pow'];
const BINARY_NAMES = [
  ...['__lt__', '__gt__', '__eq__', '__le__', '__ge__', '__ne__', '', '', ''],
  ...PLAIN.map(name => `__i${name}__`),
  ...PLAIN.map(name => `__${name}__`),
];

/** `LoadConstString` → `LOAD_CONST_STRING` */
function wordOf(byte: number): string {
  const name = Byte[byte].replace('DefArgs', 'Defargs');
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

const QUOTED = new Set([Byte.LoadConstString, Byte.ImportName, Byte.ImportFrom]);
const CALLS = new Set([Byte.CallFunction, Byte.CallFunctionVarKw, Byte.CallMethod, Byte.CallMethodVarKw]);

/** Codes are no guest objects, but have an address as if they were. */
const addressOfCode = (code: RawCode | Uint8Array): string => formatAddress(code as unknown as Value);

/** Prints every function's bytecode, in the order in which the compiler met them; machine code is left out. */
export function showBytecode(module: ModuleCode, out: Printer): void {
  const { scopes = [module.compiled.root] } = module.compiled;
  for (const raw of scopes) if (raw.kind === CodeKind.Bytecode) showCode(raw, module, out);
}

function showCode(raw: RawCode, module: ModuleCode, out: Printer): void {
  const code = new CodeObject(raw, module);
  const { length } = raw.code;
  const address = addressOfCode(raw.code);
  out.write(
    `File ${module.fileName}, code block '${code.name}' (descriptor: ${addressOfCode(raw)}, bytecode @${address} ${length} bytes)\n`,
  );
  out.write(`Raw bytecode (code_info_size=${code.start}, bytecode_size=${length - code.start}):\n`);
  for (let at = 0; at < length; at += BYTES_A_LINE) {
    for (const byte of raw.code.subarray(at, at + BYTES_A_LINE)) out.write(` ${byte.toString(16).padStart(2, '0')}`);
    out.write('\n');
  }
  out.write(`arg names:${code.argNames.map(name => ` ${name}`).join('')}\n`);
  out.write(`(N_STATE ${code.nState})\n(N_EXC_STACK ${code.nExcStack})\n`);
  for (const cell of code.cells) out.write(`(INIT_CELL ${code.nState - 1 - cell})\n`);
  for (const { offset, line } of code.lineTable()) out.write(`  bc=${offset} line=${line}\n`);
  showInstructions(raw, code.start, module, out);
}

function showInstructions(raw: RawCode, start: number, module: ModuleCode, out: Printer): void {
  const reader = new ByteReader(raw.code);
  reader.position = start;
  while (reader.position < raw.code.length) {
    out.write(`${String(reader.position - start).padStart(2, '0')} `);
    showInstruction(reader, start, raw, module, out);
    out.write('\n');
  }
}

function showInstruction(reader: ByteReader, start: number, raw: RawCode, module: ModuleCode, out: Printer): void {
  const byte = reader.byte();
  const entry = DECODE[byte];
  if (entry === undefined) {
    out.write(shortForm(byte));
    return;
  }
  const word = wordOf(byte);
  const child = () => addressOfCode(raw.children[reader.uint()]);
  const target = (distance: number) => reader.position - start + distance;
  switch (entry[1]) {
    case Operand.None:
      out.write(word);
      break;
    case Operand.Qstr: {
      const text = module.compiled.qstrs[reader.uint()];
      out.write(QUOTED.has(byte) ? `${word} '${text}'` : `${word} ${text}`);
      break;
    }
    case Operand.Uint: {
      const value = reader.uint();
      if (byte === Byte.LoadConstObj) {
        const constant = module.consts[value];
        out.write(`${word} ${formatAddress(constant)}=`);
        printValue(out, constant, PrintKind.Repr);
      } else out.write(CALLS.has(byte) ? `${word} n=${value & 0xff} nkw=${(value >> 8) & 0xff}` : `${word} ${value}`);
      break;
    }
    case Operand.Sint:
      out.write(`${word} ${reader.sint()}`);
      break;
    case Operand.Child:
      out.write(`${word} ${child()}`);
      break;
    case Operand.ChildClosure:
      out.write(`${word} ${child()} ${reader.byte()}`);
      break;
    case Operand.JumpForward:
      out.write(`${word} ${target(reader.forwardJump())}`);
      break;
    case Operand.Jump:
      out.write(`${word} ${target(reader.jump())}`);
      break;
    case Operand.JumpUnwind:
      out.write(`${word} ${target(reader.jump())} ${reader.byte()}`);
      break;
  }
}

/** The one-byte forms, which carry their operand in the opcode. */
function shortForm(byte: number): string {
  const { first, op, base } = MULTI.find(form => byte >= form.first && byte < form.first + form.count)!;
  const value = base + byte - first;
  switch (op) {
    case Op.LoadSmallInt:
      return `LOAD_CONST_SMALL_INT ${value}`;
    case Op.LoadFast:
      return `LOAD_FAST ${value}`;
    case Op.StoreFast:
      return `STORE_FAST ${value}`;
    case Op.UnaryOp:
      return `UNARY_OP ${value} ${UNARY_NAMES[value]}`;
    default:
      return `BINARY_OP ${value} ${BINARY_NAMES[value]}`;
  }
}
