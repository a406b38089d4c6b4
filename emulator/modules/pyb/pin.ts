/** pyb.Pin, which is machine.Pin too (ports/stm32/pin.c), Pin.board, Pin.cpu and PinAF. */
import { MpDict } from '../../objects/dict.ts';
import { checkArgCount, fun1, funKw, funVar, parseArgs } from '../../objects/function.ts';
import { listAppend, newList } from '../../objects/list.ts';
import { classmethodType, MpStaticOrClassMethod } from '../../objects/static-class-method.ts';
import { type GpioPin, PinMode } from '../../peripherals/gpio.ts';
import type { Bit } from '../../trace/level.ts';
import { call1 } from '../../vm/call.ts';
import { isTrue, toInt } from '../../vm/operators.ts';
import { printValue, stdout } from '../../vm/printing.ts';
import { raiseTypeError, raiseValueError } from '../../vm/raise.ts';
import { now } from '../../vm/service.ts';
import { type Locals, MpType } from '../../vm/type.ts';
import { type KwArgs, MpObj, type Printer, PrintKind, type Value } from '../../vm/value.ts';
import { vm } from '../../vm/vm.ts';
import { BoardType } from '../board-type.ts';
import { hardware } from '../hardware.ts';
import { alternatesOf } from './alternate.ts';
import { registerPinIrq } from './extint.ts';
import { Trigger } from './trigger.ts';

/** Modes as the port numbers them: the two bits of MODER, and 0x10 for open drain. */
export const Mode = { IN: 0, OUT: 1, ALT: 2, ANALOG: 3, OPEN_DRAIN: 0x11, ALT_OPEN_DRAIN: 0x12 } as const;
const MODES = new Set<number>(Object.values(Mode));
const Pull = { NONE: 0, UP: 1, DOWN: 2 } as const;

/** Output speed "high" of the HAL: the third of four. */
const SPEED_HIGH = 2;

export class MpPin extends MpObj {
  constructor(
    readonly gpio: GpioPin,
    /** The CPU's name for it, without the P: `A13`. */
    readonly cpuName: string,
  ) {
    super(pinType);
  }

  get portNumber(): number {
    return this.cpuName.charCodeAt(0) - 0x41;
  }
  get pinNumber(): number {
    return this.gpio.index;
  }
  get mode(): number {
    const { mode } = this.gpio;
    return mode === PinMode.OUTPUT || mode === PinMode.ALTERNATE ? mode | (this.gpio.openDrain ? 0x10 : 0) : mode;
  }
}

interface PinState {
  readonly cpu: Map<string, MpPin>;
  readonly board: Map<string, MpPin>;
  readonly alternates: Map<MpPin, MpPinAf[]>;
  mapper: Value;
  map: Value;
  debug: boolean;
}

const KEY = Symbol('pins');

/** The board's pins: one object for each, by CPU name and by board name, in the order of the port's tables. */
export function pins(): PinState {
  return vm.volatileStateOf<PinState>(KEY, () => {
    const { chip, hardware: wired } = hardware();
    const cpu = new Map<string, MpPin>();
    const board = new Map<string, MpPin>();
    for (const pin of wired.pins) {
      const cpuName = pin.cpu.slice(1);
      let object = cpu.get(cpuName);
      if (object === undefined) {
        object = new MpPin(chip.pin(pin.cpu), cpuName);
        cpu.set(cpuName, object);
      }
      if (pin.name !== pin.cpu) board.set(pin.name, object);
    }
    const state: PinState = { cpu, board, alternates: new Map(), mapper: null, map: null, debug: false };
    vm.roots.add(() => [state.mapper, state.map]);
    return state;
  });
}

/** The pin that a guest's value names: a Pin, a name, or what the mapper makes of it. Raises ValueError for none. */
export function findPin(value: Value): MpPin {
  const state = pins();
  const report = (how: string, pin: MpPin): MpPin => {
    if (state.debug) {
      stdout.write(`${how} `);
      if (how !== 'Pin map passed pin') {
        printValue(stdout, value, PrintKind.Repr);
        stdout.write(' to ');
      }
      printValue(stdout, pin, PrintKind.Str);
      stdout.write('\n');
    }
    return pin;
  };
  if (value instanceof MpPin) return report('Pin map passed pin', value);
  if (state.mapper !== null) {
    const mapped = call1(state.mapper, value);
    if (mapped !== null) {
      if (!(mapped instanceof MpPin)) raiseValueError("Pin.mapper didn't return a Pin object");
      return report('Pin.mapper maps', mapped);
    }
  }
  if (state.map instanceof MpDict) {
    const mapped = state.map.map.get(value);
    if (mapped instanceof MpPin) return report('Pin.map_dict maps', mapped);
  }
  if (typeof value === 'string') {
    const board = state.board.get(value);
    if (board !== undefined) return report('Pin.board maps', board);
    const cpu = state.cpu.get(value);
    if (cpu !== undefined) return report('Pin.cpu maps', cpu);
    raiseValueError(`Pin(${value}) doesn't exist`);
  }
  raiseTypeError(`can't convert '${value instanceof MpObj ? value.type.name : typeNameOf(value)}' object to str implicitly`);
}

const typeNameOf = (value: Value) => (value === null ? 'NoneType' : typeof value === 'boolean' ? 'bool' : 'int');

/** Configures a pin for a peripheral: its alternate function by number. */
export function useAlternate(pin: MpPin, alternate: number, options: { openDrain?: boolean; pull?: 0 | 1 | 2 } = {}): void {
  now();
  pin.gpio.configure({
    mode: PinMode.ALTERNATE,
    alternate,
    openDrain: options.openDrain ?? false,
    pull: options.pull ?? Pull.NONE,
    speed: SPEED_HIGH,
  });
}

const INIT_ARGS = [
  { name: 'mode', required: true, as: 'int' },
  { name: 'pull', default: null },
  { name: 'af', as: 'int', default: -1 },
  { name: 'value', kwOnly: true },
  { name: 'alt', kwOnly: true, as: 'int', default: -1 },
] as const;

function initPin(pin: MpPin, args: readonly Value[], kw: KwArgs): void {
  const [modeArg, pullArg, afArg, value, alt] = parseArgs(INIT_ARGS, args, kw);
  const mode = modeArg as number;
  if (!MODES.has(mode)) raiseValueError(`invalid pin mode: ${mode}`);
  const pull = pullArg === null ? Pull.NONE : toInt(pullArg as Value);
  if (pull < 0 || pull > 2) raiseValueError(`invalid pin pull: ${pull}`);
  const alternate = alt === -1 ? (afArg as number) : (alt as number);
  if ((mode === Mode.ALT || mode === Mode.ALT_OPEN_DRAIN) && (alternate < 0 || alternate > 15))
    raiseValueError(`invalid pin af: ${alternate}`);
  now();
  pin.gpio.configure({
    mode: (mode & 3) as PinMode,
    pull: pull as 0 | 1 | 2,
    openDrain: (mode & 0x10) !== 0,
    speed: SPEED_HIGH,
    alternate: alternate >= 0 ? alternate : undefined,
    latch: value === undefined ? undefined : ((isTrue(value) ? 1 : 0) as Bit),
  });
}

/** The pin's input at the program's own time. */
export function readPin(pin: MpPin): Bit {
  now();
  return pin.gpio.bit;
}

/** Sets the output latch at the program's own time. */
export function writePin(pin: MpPin, bit: Bit): void {
  now();
  pin.gpio.set(bit);
}

function pinValue(pin: MpPin, args: readonly Value[]): Value {
  if (args.length === 0) return readPin(pin);
  writePin(pin, isTrue(args[0]) ? 1 : 0);
  return null;
}

const IRQ_ARGS = [
  { name: 'handler', default: null },
  { name: 'trigger', as: 'int', default: Trigger.IRQ_RISING_FALLING },
  { name: 'hard', as: 'bool', default: false },
] as const;

const MODE_NAMES = new Map<number, string>([
  [Mode.IN, 'IN'],
  [Mode.OUT, 'OUT'],
  [Mode.OPEN_DRAIN, 'OPEN_DRAIN'],
  [Mode.ALT, 'ALT'],
  [Mode.ALT_OPEN_DRAIN, 'ALT_OPEN_DRAIN'],
]);

const classMethod = (fun: Value) => new MpStaticOrClassMethod(classmethodType, fun);
const setting = (get: () => Value, set: (value: Value) => void) =>
  classMethod(
    funVar(1, 2, args => {
      if (args.length === 1) return get();
      set(args[1]);
      return null;
    }),
  );

const self = (value: Value) => value as MpPin;

export const pinType: MpType = new BoardType('Pin', {
  makeNew(_type, args, kw) {
    checkArgCount(args.length, kw, 1, Infinity, true);
    const pin = findPin(args[0]);
    if (args.length > 1 || kw !== null) initPin(pin, args.slice(1), kw);
    else pin.gpio.port.clocked = true;
    return pin;
  },
  print(out: Printer, pin: MpPin) {
    const { mode, gpio } = pin;
    out.write(`Pin(Pin.cpu.${pin.cpuName}, mode=Pin.`);
    if (mode === Mode.ANALOG) {
      out.write('ANALOG)');
      return;
    }
    out.write(MODE_NAMES.get(mode)!);
    if (gpio.pull === Pull.UP) out.write(', pull=Pin.PULL_UP');
    else if (gpio.pull === Pull.DOWN) out.write(', pull=Pin.PULL_DOWN');
    if (mode === Mode.ALT || mode === Mode.ALT_OPEN_DRAIN) {
      const name = alternateName(pin, gpio.alternate);
      out.write(name === undefined ? `, alt=${gpio.alternate}` : `, alt=Pin.${name}`);
    }
    out.write(')');
  },
  call(pin: MpPin, args, kw) {
    checkArgCount(args.length, kw, 0, 1, false);
    return pinValue(pin, args);
  },
  locals: pinLocals,
});

const alternateName = (pin: MpPin, index: number) => alternatesOf(pin.gpio).find(entry => entry.index === index)?.name;

/** One alternate function of a pin, as `Pin.af_list()` lists it. */
export class MpPinAf extends MpObj {
  constructor(
    readonly name: string,
    readonly index: number,
    /** Base address of the peripheral. */
    readonly register: number,
  ) {
    super(pinAfType);
  }
}

export const pinAfType = new MpType('PinAF', {
  print: (out: Printer, af: MpPinAf) => out.write(`Pin.${af.name}`),
  locals: (): Locals => [
    ['index', fun1(af => (af as MpPinAf).index)],
    ['name', fun1(af => (af as MpPinAf).name)],
    ['reg', fun1(af => (af as MpPinAf).register)],
  ],
});

function alternateObjects(pin: MpPin): MpPinAf[] {
  const { peripherals } = hardware().chip.data;
  const state = pins();
  let known = state.alternates.get(pin);
  if (known === undefined) {
    known = alternatesOf(pin.gpio).map(({ name, index, kind, unit }) => {
      const block = kind === 'I2S' ? `SPI${unit}` : `${kind}${unit}`;
      return new MpPinAf(name, index, peripherals[block]?.base ?? 0);
    });
    state.alternates.set(pin, known);
  }
  return known;
}

/** `Pin.board` and `Pin.cpu`: classes whose attributes are pins. */
const boardPinsType = new BoardType('board', { locals: () => [...pins().board] as Locals });
const cpuPinsType = new BoardType('cpu', { locals: () => [...pins().cpu] as Locals });

function pinLocals(): Locals {
  const state = pins;
  return [
    ['init', funKw(1, (args, kw) => (initPin(self(args[0]), args.slice(1), kw), null))],
    ['value', funVar(1, 2, args => pinValue(self(args[0]), args.slice(1)))],
    ['off', fun1(pin => (writePin(self(pin), 0), null))],
    ['on', fun1(pin => (writePin(self(pin), 1), null))],
    [
      'irq',
      funKw(1, (args, kw) => {
        const [handler, trigger, hard] = parseArgs(IRQ_ARGS, args.slice(1), kw);
        if (args.length > 1 || kw !== null) registerPinIrq(self(args[0]), trigger as number, hard as boolean, handler as Value);
        return null;
      }),
    ],
    ['low', fun1(pin => (writePin(self(pin), 0), null))],
    ['high', fun1(pin => (writePin(self(pin), 1), null))],
    ['name', fun1(pin => self(pin).cpuName)],
    [
      'names',
      fun1(pin => {
        const list = newList([]);
        listAppend(list, self(pin).cpuName);
        for (const [name, object] of state().board) if (object === pin) listAppend(list, name);
        return list;
      }),
    ],
    ['af_list', fun1(pin => newList(alternateObjects(self(pin))))],
    ['port', fun1(pin => self(pin).portNumber)],
    ['pin', fun1(pin => self(pin).pinNumber)],
    ['gpio', fun1(pin => hardware().chip.data.peripherals[`GPIO${self(pin).cpuName[0]}`].base)],
    ['mode', fun1(pin => self(pin).mode)],
    ['pull', fun1(pin => self(pin).gpio.pull)],
    ['af', fun1(pin => self(pin).gpio.alternate)],
    [
      'mapper',
      setting(
        () => state().mapper,
        value => (state().mapper = value),
      ),
    ],
    [
      'dict',
      setting(
        () => state().map,
        value => (state().map = value),
      ),
    ],
    [
      'debug',
      setting(
        () => state().debug,
        value => (state().debug = isTrue(value)),
      ),
    ],
    ['board', boardPinsType],
    ['cpu', cpuPinsType],
    ['IN', Mode.IN],
    ['OUT', Mode.OUT],
    ['OPEN_DRAIN', Mode.OPEN_DRAIN],
    ['ALT', Mode.ALT],
    ['ALT_OPEN_DRAIN', Mode.ALT_OPEN_DRAIN],
    ['ANALOG', Mode.ANALOG],
    ['PULL_UP', Pull.UP],
    ['PULL_DOWN', Pull.DOWN],
    ['IRQ_RISING', Trigger.IRQ_RISING],
    ['IRQ_FALLING', Trigger.IRQ_FALLING],
    ['OUT_PP', Mode.OUT],
    ['OUT_OD', Mode.OPEN_DRAIN],
    ['AF_PP', Mode.ALT],
    ['AF_OD', Mode.ALT_OPEN_DRAIN],
    ['PULL_NONE', Pull.NONE],
    ...alternateConstants(),
  ];
}

/** `AF1_TIM2` and the like: every function that some pin of the board has. */
function alternateConstants(): [string, Value][] {
  const constants = new Map<string, number>();
  for (const pin of pins().cpu.values()) for (const { name, index } of alternatesOf(pin.gpio)) constants.set(name, index);
  return [...constants].sort(([a], [b]) => (a < b ? -1 : 1));
}
