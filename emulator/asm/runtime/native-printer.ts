/** Text between machine code and the guest's printers (py/mpprint.c): `mp_print_t`, and the formats of `mp_printf`. */
import { formatFloat } from '../../objects/format-float.ts';
import { strFromUtf8 } from '../../objects/str.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import { stdout } from '../../vm/printing.ts';
import type { Printer } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { lowHalf, type Word } from '../word.ts';
import type { NativeMachine } from './native-machine.ts';

/** Words of an `mp_print_t`. */
const DATA = 0;
const PRINT_STRN = 1;

export class NativePrinters {
  /** Address of the `mp_print_t` for standard output. */
  readonly platform: number;
  private readonly write: number;
  /** Printers of the guest that machine code has been given, the outermost first. Number 0 is standard output. */
  private readonly open: Printer[] = [stdout];

  constructor(private readonly machine: NativeMachine) {
    this.write = machine.hostFunction(40, (data: number, text: number, length: number) => {
      this.open[data]?.write(strFromUtf8(machine.memory.bytesAt(text, length >>> 0)));
    });
    this.platform = machine.allocate(new Uint8Array(2 * machine.layout.bytes));
    machine.layout.store(this.platform, PRINT_STRN, this.write);
  }

  /** Lends machine code a printer: the address of an `mp_print_t` for the time of `action`. */
  lend<T>(printer: Printer, action: (address: number) => T): T {
    const { memory, layout } = this.machine;
    const number = this.open.push(printer) - 1;
    const address = this.machine.allocate(new Uint8Array(2 * layout.bytes));
    layout.store(address, DATA, number);
    layout.store(address, PRINT_STRN, this.write);
    try {
      return action(address);
    } finally {
      memory.unmap(address, 2 * layout.bytes);
      this.open.length = number;
    }
  }

  /** The printer that an `mp_print_t` stands for. */
  at(address: number): Printer {
    const { machine } = this;
    const data = machine.layout.number(address, DATA);
    const print = machine.layout.number(address, PRINT_STRN);
    const own = print === this.write ? this.open[data] : undefined;
    if (own !== undefined) return own;
    return {
      write: text => {
        const bytes = encodeUtf8(text);
        const copy = machine.allocate(bytes);
        machine.call(print, [data, copy, bytes.length]);
        machine.memory.unmap(copy, bytes.length);
      },
    };
  }
}

/** Takes the arguments behind a format one by one. */
export interface FormatArguments {
  /** A machine word; the upper half of one that holds an `int` is nobody's. */
  word(): Word;
  double(): number;
}

interface Field {
  left: boolean;
  sign: '' | '+' | ' ';
  zeros: boolean;
  width: number;
  precision: number;
}

/** Text of a C format with its arguments. */
export function formatText(machine: NativeMachine, format: string, args: FormatArguments): string {
  const string = (address: number): string => strFromUtf8(machine.memory.cStringAt(address));
  return format.replace(
    /%([-+ 0]*)(\d*)(?:\.(\*|\d*))?(l?)(.?)/gs,
    (_all, flags: string, width: string, precision: string | undefined, long: string, code: string) => {
      const int = (): number => lowHalf(args.word());
      const integer = (): Word => (long === '' ? int() : args.word());
      const unsigned = (): Word => {
        const value = integer();
        return long === '' || !machine.wide ? Number(value) >>> 0 : BigInt.asUintN(64, BigInt(value));
      };
      const field: Field = {
        left: flags.includes('-'),
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
        zeros: flags.includes('0'),
        width: Number(width),
        precision: precision === undefined ? -1 : Math.max(0, precision === '*' ? int() : Number(precision)),
      };
      const cut = (text: string): string => (field.precision >= 0 ? text.slice(0, field.precision) : text);
      switch (code) {
        case 'b':
          return padded(int() !== 0 ? 'true' : 'false', field);
        case 'c':
          return padded(String.fromCharCode(int() & 0xff), field);
        case 'q':
          return padded(cut(machine.words.textOfQstr(int())), field);
        case 's':
          return padded(cut(string(int())), field);
        case 'd':
          return padded(signed(integer(), field), field);
        case 'u':
          return padded(String(unsigned()), field);
        case 'x':
        case 'p':
          return padded(unsigned().toString(16), field);
        case 'X':
        case 'P':
          return padded(unsigned().toString(16).toUpperCase(), field);
        case 'e':
        case 'E':
        case 'f':
        case 'F':
        case 'g':
        case 'G': {
          const value = args.double();
          return padded(
            formatFloat(value, { format: code, precision: field.precision, sign: field.sign, width: vm.float32 ? 'single' : 'double' }),
            field,
          );
        }
        default:
          return code;
      }
    },
  );
}

const signed = (value: Word, { sign }: Field): string => (value >= 0 ? sign : '') + String(value);

function padded(text: string, { left, zeros, width }: Field): string {
  if (left) return text.padEnd(width);
  if (!zeros) return text.padStart(width);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
