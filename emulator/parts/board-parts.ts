/**
 * What is soldered to a board, from its definition: LEDs (`LED1` …), the user switch (`USR`), the accelerometer (`accel`),
 * pull-up resistors of buses, and the card slot's switch (`SD`).
 */
import type { Chip } from '../peripherals/chip.ts';
import { Contact } from './contact.ts';
import { Led } from './led.ts';
import { Mma7660 } from './mma7660.ts';
import { Part, type PartBench } from './part.ts';
import { PushButton } from './push-button.ts';

/** A card slot's detect switch: closed to ground while a card is in it. */
export class CardDetect extends Part {
  private present = false;

  constructor(bench: PartBench, name: string) {
    super(bench, name);
    const ground = bench.netlist.terminal(`${name}.ground`);
    ground.setDrive(0);
    const contact = new Contact(bench.netlist, bench.clock, this.random, this.addPin('detect'), ground);
    this.addControl('card', {
      description: 'whether a card is in the slot',
      type: 'boolean',
      get: () => this.present,
      set: value => {
        this.present = value as boolean;
        contact.set(this.present);
      },
    });
  }
}

/** Makes and wires the parts of the chip's board. @returns them by name */
export function boardParts(chip: Chip): Map<string, Part> {
  const { hardware, netlist } = chip;
  const bench: PartBench = { clock: chip.clock, trace: chip.trace, netlist, random: chip.random };
  const parts = new Map<string, Part>();
  const add = (part: Part, wires: Record<string, string | undefined>) => {
    parts.set(part.name, part);
    for (const [pin, to] of Object.entries(wires)) if (to !== undefined) netlist.connect(part.pin(pin), chip.pin(to).terminal);
  };
  for (const { id, pin, color, lit } of hardware.leds) add(new Led(bench, `LED${id}`, lit, color), { anode: pin });
  if (hardware.switch !== undefined) add(new PushButton(bench, 'USR'), { a: hardware.switch.pin });
  for (const { id, scl, sda, pullUp } of hardware.i2cs) {
    if (pullUp === undefined) continue;
    for (const [name, pin] of Object.entries({ scl, sda })) {
      const resistor = netlist.terminal(`i2c${id}.${name} pull-up`);
      resistor.setPull(pullUp, hardware.supply);
      netlist.connect(resistor, chip.pin(pin).terminal);
    }
  }
  const { accelerometer } = hardware;
  if (accelerometer !== undefined) {
    const bus = hardware.i2cs.find(({ id }) => id === accelerometer.i2c)!;
    add(new Mma7660(bench, 'accel', accelerometer.address), {
      scl: bus.scl,
      sda: bus.sda,
      avdd: accelerometer.power,
      int: accelerometer.interrupt,
    });
  }
  if (hardware.sdCard !== undefined) add(new CardDetect(bench, 'SD'), { detect: hardware.sdCard.detect.pin });
  return parts;
}
