/** The board reference as a Markdown page, from the board definitions themselves. */
import type { Board, Hardware } from '../boards/board.ts';
import { formatFrequency, formatSize } from '../views/units.ts';

export function boardReference(boards: readonly Board[]): string {
  return `${boards.map(describe).join('\n')}`;
}

function describe(board: Board): string {
  const { identity, runtime, memory, modules, hardware } = board;
  const lines = [
    `## ${board.name}`,
    '',
    `${board.title}: \`${identity.machine}\`, MicroPython ${identity.version}.`,
    '',
    '| | |',
    '| --- | --- |',
    `| words | ${runtime.wordBits} bit, ${runtime.endian} endian |`,
    `| floats | ${runtime.float === 'none' ? 'none' : `${runtime.float} precision`} |`,
    `| heap, stack | ${formatSize(memory.heap)}, ${formatSize(memory.stack)} |`,
    `| compiler | ${runtime.compiler ? 'on the board' : 'none: it runs .mpy files and frozen modules only'} |`,
    `| inline assembler | ${runtime.inlineAssemblers.join(', ') || 'none'} |`,
    `| native code in .mpy | ${runtime.nativeArchitecture ?? 'none'} |`,
  ];
  if (hardware !== undefined) lines.push(...hardwareRows(hardware));
  lines.push('', `Modules: ${modules.builtin.map(name => `\`${name}\``).join(', ')}.`);
  if (modules.frozen.length > 0) lines.push('', `Frozen: ${modules.frozen.map(name => `\`${name}\``).join(', ')}.`);
  if (hardware !== undefined) lines.push('', '### Pins', '', ...pinTable(hardware));
  return `${lines.join('\n')}\n`;
}

function hardwareRows(hardware: Hardware): string[] {
  const { clock, oscillators } = hardware;
  const rows: string[] = [];
  if (oscillators.high !== undefined) {
    const system = ((oscillators.high / clock.pll.m) * clock.pll.n) / clock.pll.p;
    rows.push(
      `| clock | CPU ${formatFrequency(system / clock.dividers.ahb)}, APB1 ${formatFrequency(system / clock.dividers.ahb / clock.dividers.apb1)}, APB2 ${formatFrequency(system / clock.dividers.ahb / clock.dividers.apb2)} |`,
    );
  }
  rows.push(
    `| LEDs | ${hardware.leds.map(({ id, color, pwm }) => `${id} ${color}${pwm === undefined ? '' : ' (dims)'}`).join(', ') || 'none'} |`,
  );
  const name = (cpu: string): string => hardware.pins.find(pin => pin.cpu === cpu && pin.header)?.name ?? cpu;
  const bus = (kind: string, list: readonly { id: number; name?: string }[], pins: (bus: never) => string): void => {
    if (list.length > 0)
      rows.push(
        `| ${kind} | ${list.map(one => `${one.id}${one.name === undefined ? '' : ` ("${one.name}")`}: ${pins(one as never)}`).join('; ')} |`,
      );
  };
  bus('UART', hardware.uarts, ({ tx, rx }: Hardware['uarts'][number]) => `TX ${name(tx)}, RX ${name(rx)}`);
  bus('I2C', hardware.i2cs, ({ scl, sda }: Hardware['i2cs'][number]) => `SCL ${name(scl)}, SDA ${name(sda)}`);
  bus('SPI', hardware.spis, ({ sck, miso, mosi }: Hardware['spis'][number]) => `SCK ${name(sck)}, MISO ${name(miso)}, MOSI ${name(mosi)}`);
  bus('CAN', hardware.cans, ({ tx, rx }: Hardware['cans'][number]) => `TX ${name(tx)}, RX ${name(rx)}`);
  bus('DAC', hardware.dacs, ({ pin }: Hardware['dacs'][number]) => name(pin));
  if (hardware.servos !== undefined)
    rows.push(`| servo ports | ${hardware.servos.ports.map(({ pin }, index) => `${index + 1}: ${name(pin)}`).join(', ')} |`);
  if (hardware.accelerometer !== undefined)
    rows.push(
      `| accelerometer | ${hardware.accelerometer.part}, I2C address 0x${hardware.accelerometer.address.toString(16).toUpperCase()} |`,
    );
  rows.push(`| flash for files | ${formatSize(hardware.flash.sectors.reduce((sum, { size }) => sum + size, 0))} |`);
  rows.push(`| SD card slot | ${hardware.sdCard === undefined ? 'no' : 'yes'} |`);
  return rows;
}

function pinTable({ pins }: Hardware): string[] {
  const byCpu = new Map<string, string[]>();
  for (const { cpu, name } of pins) byCpu.set(cpu, [...(byCpu.get(cpu) ?? []), name]);
  return ['| chip | board |', '| --- | --- |', ...[...byCpu].map(([cpu, names]) => `| ${cpu} | ${names.join(', ')} |`)];
}
