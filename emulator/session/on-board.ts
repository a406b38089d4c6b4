/** What is soldered to a board around its chip: pull-ups, the accelerometer, and the servo ports with a servo in each. */
import type { BoardMachine } from '../boot/board-machine.ts';
import { PART_KINDS } from '../parts/kinds.ts';
import { Mma7660 } from '../parts/mma7660.ts';
import type { PartBench } from '../parts/part.ts';
import { Servo } from '../parts/servo.ts';
import type { BenchParts } from './bench-parts.ts';

/** Ohms between the bus's supply and the pin that senses it. */
const VBUS_RESISTANCE = 10_000;

/** @param prefix of the parts' names, for a bench with several boards */
export function addOnBoardParts(machine: BoardMachine, bench: PartBench, parts: BenchParts, prefix = ''): void {
  const { chip, board } = machine;
  const { i2cs, accelerometer, servos, usb } = board.hardware!;
  const { netlist } = bench;
  const at = (cpu: string) => chip.pin(cpu).terminal;
  for (const { scl, sda, pullUp } of i2cs) {
    if (pullUp === undefined) continue;
    for (const line of [scl, sda]) {
      const resistor = netlist.terminal(`${prefix}pull-up`);
      resistor.setPull(pullUp, netlist.supply);
      netlist.connect(at(line), resistor);
    }
  }
  if (usb?.vbus !== undefined) {
    // The board is fed from USB.
    const vbus = netlist.terminal(`${prefix}VBUS`);
    vbus.setPull(VBUS_RESISTANCE, netlist.supply);
    netlist.connect(at(usb.vbus), vbus);
  }
  if (accelerometer !== undefined) {
    const { scl, sda } = i2cs.find(({ id }) => id === accelerometer.i2c)!;
    const part = new Mma7660(bench, `${prefix}accel`, accelerometer.address);
    const pins = { scl, sda, avdd: accelerometer.power, int: accelerometer.interrupt };
    for (const [pin, cpu] of Object.entries(pins)) if (cpu !== undefined) netlist.connect(part.pin(pin), at(cpu));
    parts.add(part.name, part, PART_KINDS.get('mma7660')!, machine.name);
  }
  servos?.ports.forEach(({ pin }, index) => {
    const part = new Servo(bench, `${prefix}servo${index + 1}`);
    netlist.connect(part.pin('signal'), at(pin));
    parts.add(part.name, part, PART_KINDS.get('servo')!, machine.name);
  });
}
