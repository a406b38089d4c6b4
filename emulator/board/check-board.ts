/**
 * Checks a board definition, the framework's own or a user's (also one that was read from YAML), and names what is wrong by
 * its field: `hardware.leds[2].pin: "PZ4" is no pin of STM32F405RG`.
 */
import { z } from 'zod';
import type { Board, Hardware } from '../../boards/board.ts';

/** Everything that is wrong with a board definition, one line each. */
export class BoardDefinitionError extends Error {
  override readonly name = 'BoardDefinitionError';

  constructor(
    readonly board: string,
    readonly problems: readonly string[],
  ) {
    super(`board "${board}" is not well defined:\n${problems.map(problem => `  ${problem}`).join('\n')}`);
  }
}

const cpuPin = z.string().regex(/^P[A-K]\d{1,2}$/, 'must be a pin as the chip names it, such as PA0');
const bit = z.union([z.literal(0), z.literal(1)]);
const pull = z.enum(['none', 'up', 'down']);
const hertz = z.number().int().positive();
const bytes = z.number().int().positive();
const milliseconds = z.number().nonnegative();
const bus = { id: z.number().int().min(1), name: z.string().min(1).optional() };

const memoryRegion = z.strictObject({
  name: z.string(),
  kind: z.enum(['flash', 'ram', 'rom']),
  base: z.number().int().nonnegative(),
  size: bytes,
  alias: z.number().int().nonnegative().optional(),
});

const timer = z.strictObject({
  bits: z.union([z.literal(16), z.literal(32)]),
  channels: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(4)]),
  complementary: z.union([z.literal(0), z.literal(3)]),
  directions: z.enum(['up', 'all']),
  slave: z.boolean(),
  encoder: z.boolean(),
  repetition: z.boolean(),
  interrupts: z.strictObject({ update: z.string(), capture: z.string(), break: z.string().optional(), trigger: z.string().optional() }),
  internalTriggers: z.array(z.number().int()).max(4).optional(),
});

const chip = z.strictObject({
  name: z.string().min(1),
  mcu: z.string().min(1),
  core: z.literal('cortex-m4'),
  manual: z.string(),
  memory: z.array(memoryRegion).min(1),
  bitBands: z.array(z.strictObject({ base: z.number(), size: bytes, alias: z.number() })),
  oscillators: z.strictObject({ internal: hertz, slow: hertz }),
  limits: z.strictObject({ sysclk: hertz, apb1: hertz, apb2: hertz }),
  idCode: z.number().int(),
  peripherals: z.record(
    z.string(),
    z.strictObject({
      kind: z.string(),
      base: z.number().int().nonnegative(),
      bus: z.enum(['ahb1', 'ahb2', 'apb1', 'apb2', 'core']),
      clockBit: z.number().int().min(0).max(31).optional(),
    }),
  ),
  interrupts: z.record(z.string(), z.number().int().min(0).max(95)),
  timers: z.record(z.string(), timer),
  dma: z.record(z.string(), z.array(z.record(z.string(), z.string()))),
  adc: z.strictObject({
    units: z.array(z.number().int()),
    internal: z.strictObject({ temperature: z.number().int(), reference: z.number().int(), battery: z.number().int() }),
    batteryDivider: z.number().positive(),
    reference: z.number().positive(),
    temperature: z.strictObject({ at25: z.number(), slope: z.number() }),
    maxClock: hertz,
  }),
  pins: z.record(cpuPin, z.strictObject({ af: z.record(z.string(), z.string()), adc: z.string().optional() })),
});

const hardware = z.strictObject({
  chip,
  oscillators: z.strictObject({ high: hertz.optional(), low: hertz.optional() }),
  clock: z.strictObject({
    pll: z.strictObject({
      m: z.number().int().min(2).max(63),
      n: z.number().int().min(50).max(432),
      p: z.union([z.literal(2), z.literal(4), z.literal(6), z.literal(8)]),
      q: z.number().int().min(2).max(15),
    }),
    dividers: z.strictObject({ ahb: z.number().int(), apb1: z.number().int(), apb2: z.number().int() }),
  }),
  supply: z.number().min(1.8).max(3.6),
  uniqueId: z.string().regex(/^[0-9a-f]{24}$/, 'must be 24 hexadecimal digits'),
  pins: z.array(z.strictObject({ cpu: cpuPin, name: z.string().min(1), header: z.boolean().optional() })).min(1),
  leds: z.array(
    z.strictObject({
      id: z.number().int().min(1),
      pin: cpuPin,
      color: z.enum(['red', 'green', 'orange', 'blue']),
      lit: bit,
      pwm: z.strictObject({ timer: z.number().int(), channel: z.number().int().min(1).max(4), alternate: z.number().int() }).optional(),
    }),
  ),
  switch: z.strictObject({ pin: cpuPin, pull, pressed: bit }).optional(),
  accelerometer: z
    .strictObject({
      part: z.literal('MMA7660FC'),
      i2c: z.number().int(),
      address: z.number().int().min(8).max(0x77),
      power: cpuPin.optional(),
      interrupt: cpuPin.optional(),
    })
    .optional(),
  servos: z
    .strictObject({
      timer: z.number().int(),
      ports: z.array(z.strictObject({ pin: cpuPin, channel: z.number().int().min(1).max(4), alternate: z.number().int() })),
    })
    .optional(),
  uarts: z.array(z.strictObject({ ...bus, tx: cpuPin, rx: cpuPin, rts: cpuPin.optional(), cts: cpuPin.optional() })),
  i2cs: z.array(z.strictObject({ ...bus, scl: cpuPin, sda: cpuPin, pullUp: z.number().positive().optional() })),
  spis: z.array(z.strictObject({ ...bus, nss: cpuPin.optional(), sck: cpuPin, miso: cpuPin, mosi: cpuPin })),
  i2ss: z.array(z.strictObject({ ...bus, spi: z.number().int() })),
  cans: z.array(z.strictObject({ ...bus, tx: cpuPin, rx: cpuPin })),
  dacs: z.array(z.strictObject({ id: z.number().int(), pin: cpuPin })),
  rtc: z.strictObject({ source: z.enum(['LSE', 'LSI', 'HSE']), backup: z.boolean() }).optional(),
  usb: z
    .strictObject({
      vendor: z.number().int().min(0).max(0xffff),
      products: z.record(z.string(), z.number().int().min(0).max(0xffff)),
      manufacturer: z.string(),
      product: z.string(),
      vbus: cpuPin.optional(),
      id: cpuPin.optional(),
      dm: cpuPin,
      dp: cpuPin,
    })
    .optional(),
  sdCard: z
    .strictObject({
      detect: z.strictObject({ pin: cpuPin, pull, present: bit }),
      clock: cpuPin,
      command: cpuPin,
      data: z.array(cpuPin).min(1),
    })
    .optional(),
  flash: z.strictObject({
    blockSize: bytes,
    firstBlock: z.number().int().nonnegative(),
    sectors: z.array(z.strictObject({ address: z.number().int(), size: bytes })).min(1),
    filesystem: z.enum(['fat', 'littlefs1', 'littlefs2']),
    label: z.string().max(11).optional(),
  }),
  bootloader: z
    .strictObject({
      kind: z.literal('dfu'),
      vendor: z.number().int().min(0).max(0xffff),
      product: z.number().int().min(0).max(0xffff),
      transferSize: bytes,
      pad: z.string().min(1),
      firmware: z.strictObject({
        head: z.strictObject({ address: z.number().int(), size: bytes }),
        text: z.strictObject({ address: z.number().int(), size: bytes }),
      }),
    })
    .optional(),
  boot: z.strictObject({
    select: z.literal('USR'),
    modeStep: milliseconds,
    modes: z.array(z.strictObject({ mode: z.enum(['standard', 'safe', 'factory-reset']), leds: z.array(z.number().int()) })),
    confirm: z.strictObject({ flashes: z.number().int(), off: milliseconds, on: milliseconds, after: milliseconds }),
    bootLed: z.number().int(),
    scriptError: z.strictObject({
      leds: z.tuple([z.number().int(), z.number().int()]),
      halfPeriod: milliseconds,
      times: z.strictObject({ boot: z.number().int(), main: z.number().int() }),
    }),
    fault: z.strictObject({ leds: z.array(z.number().int()) }),
  }),
});

const board = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/, 'must be small letters, digits, dots and hyphens'),
  title: z.string().min(1),
  identity: z.strictObject({
    version: z.string().regex(/^\d+\.\d+\.\d+/, 'must be a version such as 1.27.0'),
    release: z.string(),
    platform: z.string().min(1),
    machine: z.string().min(1),
    build: z.string().optional(),
    threads: z.enum(['GIL', 'unsafe']).optional(),
    uname: z
      .strictObject({ sysname: z.string(), nodename: z.string(), release: z.string(), version: z.string(), machine: z.string() })
      .optional(),
    platformDetails: z
      .strictObject({ system: z.string(), architecture: z.string(), compiler: z.string(), library: z.string(), libraryVersion: z.string() })
      .optional(),
  }),
  runtime: z.strictObject({
    wordBits: z.union([z.literal(32), z.literal(64)]),
    float: z.enum(['double', 'single', 'none']),
    endian: z.enum(['little', 'big']),
    nativeArchitecture: z.string().optional(),
    inlineAssemblers: z.array(z.enum(['thumb', 'rv32', 'xtensa'])),
    compiler: z.boolean(),
  }),
  memory: z.strictObject({ heap: bytes, stack: bytes }),
  modules: z.strictObject({ builtin: z.array(z.string()), frozen: z.array(z.string()), path: z.array(z.string()) }),
  hardware: hardware.optional(),
});

/**
 * Checks a definition and returns it, typed.
 * @throws BoardDefinitionError with every problem found
 */
export function checkBoard(definition: unknown): Board {
  const name = (definition as { name?: unknown } | null)?.name;
  const label = typeof name === 'string' ? name : 'without a name';
  const result = board.safeParse(definition);
  if (!result.success) throw new BoardDefinitionError(label, result.error.issues.map(describe));
  const checked = definition as Board;
  const problems = checked.hardware === undefined ? [] : contradictions(checked.hardware);
  if (problems.length > 0) throw new BoardDefinitionError(label, problems);
  return checked;
}

function describe(issue: z.core.$ZodIssue): string {
  const field = issue.path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? String(part) : `${text}.${String(part)}`),
    '',
  );
  return `${field || 'the definition'}: ${issue.message}`;
}

/** What each field allows but the fields together do not. */
function contradictions(board: Hardware): string[] {
  const problems: string[] = [];
  const { chip } = board;
  const pin = (field: string, name: string | undefined) => {
    if (name !== undefined && !(name in chip.pins)) problems.push(`${field}: "${name}" is no pin of ${chip.mcu}`);
  };
  const carries = (field: string, name: string, alternate: number, signal: string) => {
    const functions = chip.pins[name]?.af[alternate]?.split('/') ?? [];
    if (name in chip.pins && !functions.includes(signal)) problems.push(`${field}: AF${alternate} of ${name} is not ${signal}`);
  };
  const connects = (field: string, name: string | undefined, signals: string[]) => {
    pin(field, name);
    if (name === undefined || !(name in chip.pins)) return;
    const functions = Object.values(chip.pins[name].af).flatMap(text => text.split('/'));
    if (!signals.some(signal => functions.includes(signal))) problems.push(`${field}: ${name} cannot be ${signals.join(' or ')}`);
  };
  const peripheral = (field: string, names: string[]) => {
    if (!names.some(name => name in chip.peripherals)) problems.push(`${field}: ${chip.mcu} has no ${names.join(' or ')}`);
  };
  const names = new Set<string>();
  for (const [index, { cpu, name }] of board.pins.entries()) {
    pin(`hardware.pins[${index}].cpu`, cpu);
    if (names.has(name)) problems.push(`hardware.pins[${index}].name: "${name}" is there twice`);
    names.add(name);
  }
  const ledIds = new Set(board.leds.map(led => led.id));
  for (const [index, led] of board.leds.entries()) {
    pin(`hardware.leds[${index}].pin`, led.pin);
    if (led.pwm) {
      carries(`hardware.leds[${index}].pwm`, led.pin, led.pwm.alternate, `TIM${led.pwm.timer}_CH${led.pwm.channel}`);
    }
  }
  pin('hardware.switch.pin', board.switch?.pin);
  for (const [index, port] of (board.servos?.ports ?? []).entries()) {
    pin(`hardware.servos.ports[${index}].pin`, port.pin);
    carries(`hardware.servos.ports[${index}]`, port.pin, port.alternate, `TIM${board.servos!.timer}_CH${port.channel}`);
  }
  for (const [index, uart] of board.uarts.entries()) {
    const of = (signal: string) => [`USART${uart.id}_${signal}`, `UART${uart.id}_${signal}`];
    const field = `hardware.uarts[${index}]`;
    peripheral(`${field}.id`, [`USART${uart.id}`, `UART${uart.id}`]);
    connects(`${field}.tx`, uart.tx, of('TX'));
    connects(`${field}.rx`, uart.rx, of('RX'));
    connects(`${field}.rts`, uart.rts, of('RTS'));
    connects(`${field}.cts`, uart.cts, of('CTS'));
  }
  for (const [index, i2c] of board.i2cs.entries()) {
    const field = `hardware.i2cs[${index}]`;
    peripheral(`${field}.id`, [`I2C${i2c.id}`]);
    connects(`${field}.scl`, i2c.scl, [`I2C${i2c.id}_SCL`]);
    connects(`${field}.sda`, i2c.sda, [`I2C${i2c.id}_SDA`]);
  }
  for (const [index, spi] of board.spis.entries()) {
    const field = `hardware.spis[${index}]`;
    peripheral(`${field}.id`, [`SPI${spi.id}`]);
    for (const signal of ['sck', 'miso', 'mosi'] as const) {
      connects(`${field}.${signal}`, spi[signal], [`SPI${spi.id}_${signal.toUpperCase()}`]);
    }
    pin(`${field}.nss`, spi.nss);
  }
  for (const [index, can] of board.cans.entries()) {
    const field = `hardware.cans[${index}]`;
    peripheral(`${field}.id`, [`CAN${can.id}`]);
    connects(`${field}.tx`, can.tx, [`CAN${can.id}_TX`]);
    connects(`${field}.rx`, can.rx, [`CAN${can.id}_RX`]);
  }
  if (board.dacs.length > 0) peripheral('hardware.dacs', ['DAC']);
  for (const [index, dac] of board.dacs.entries()) pin(`hardware.dacs[${index}].pin`, dac.pin);
  if (board.accelerometer) {
    const { i2c, power, interrupt } = board.accelerometer;
    if (!board.i2cs.some(bus => bus.id === i2c)) problems.push(`hardware.accelerometer.i2c: the board has no I2C bus ${i2c}`);
    pin('hardware.accelerometer.power', power);
    pin('hardware.accelerometer.interrupt', interrupt);
  }
  if (board.usb) {
    peripheral('hardware.usb', ['USB_OTG_FS']);
    for (const field of ['vbus', 'id', 'dm', 'dp'] as const) pin(`hardware.usb.${field}`, board.usb[field]);
  }
  if (board.sdCard) {
    peripheral('hardware.sdCard', ['SDIO']);
    const { detect, clock, command, data } = board.sdCard;
    pin('hardware.sdCard.detect.pin', detect.pin);
    pin('hardware.sdCard.clock', clock);
    pin('hardware.sdCard.command', command);
    for (const [index, name] of data.entries()) pin(`hardware.sdCard.data[${index}]`, name);
  }
  const { boot } = board;
  const leds = [boot.bootLed, ...boot.modes.flatMap(mode => mode.leds), ...boot.scriptError.leds, ...boot.fault.leds];
  for (const id of leds) if (!ledIds.has(id)) problems.push(`hardware.boot: the board has no LED ${id}`);
  const flash = chip.memory.find(region => region.kind === 'flash');
  for (const [index, { address, size }] of board.flash.sectors.entries()) {
    if (flash === undefined || address < flash.base || address + size > flash.base + flash.size) {
      problems.push(`hardware.flash.sectors[${index}]: does not lie in the chip's flash`);
    }
  }
  const { pll, dividers } = board.clock;
  if (board.oscillators.high !== undefined) {
    const sysclk = ((board.oscillators.high / pll.m) * pll.n) / pll.p;
    const check = (field: string, value: number, limit: number) => {
      if (value > limit) problems.push(`${field}: ${value / 1e6} MHz is more than the ${limit / 1e6} MHz of ${chip.mcu}`);
    };
    check('hardware.clock.pll', sysclk, chip.limits.sysclk);
    check('hardware.clock.dividers.apb1', sysclk / dividers.ahb / dividers.apb1, chip.limits.apb1);
    check('hardware.clock.dividers.apb2', sysclk / dividers.ahb / dividers.apb2, chip.limits.apb2);
  }
  return problems;
}
