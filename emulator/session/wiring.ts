/** Which wires of a bench lead from one board to another, and the joint nets that follow from them. */
import type { BoardDescription, PinRef } from './handle.ts';

/** A pin at one of the boards' workers: of the board itself or of a part beside it. */
export interface PlacedPin {
  readonly board: number;
  /** As that board's worker calls it. */
  readonly pin: PinRef;
}

export interface JointNetPlan {
  readonly id: number;
  readonly pins: readonly PlacedPin[];
}

/** One name for each pin, however it was written. */
export function canonicalPin(pin: PinRef, description: BoardDescription): PinRef {
  const wanted = pin.toLowerCase();
  const known = description.pins.find(({ name, aliases }) => [name, ...aliases].some(each => each.toLowerCase() === wanted));
  return known?.name ?? pin;
}

/** The wires between boards. Those within one board are its worker's own. */
export class Wiring {
  private cables: { readonly id: number; readonly pins: readonly PlacedPin[] }[] = [];
  private nextId = 1;

  add(pins: readonly PlacedPin[]): void {
    this.cables.push({ id: this.nextId++, pins });
  }

  /** Takes one pin off whatever it is wired to. */
  remove(pin: PlacedPin): void {
    const isSame = (other: PlacedPin) => other.board === pin.board && other.pin === pin.pin;
    this.cables = this.cables
      .map(cable => (cable.pins.some(isSame) ? { id: this.nextId++, pins: cable.pins.filter(other => !isSame(other)) } : cable))
      .filter(({ pins }) => pins.length > 1);
  }

  /** Wires that meet in a pin are one net. */
  nets(): JointNetPlan[] {
    const nets: { id: number; pins: Map<string, PlacedPin> }[] = [];
    for (const { id, pins } of this.cables) {
      const keys = new Map(pins.map(pin => [`${pin.board} ${pin.pin}`, pin]));
      const touching = nets.filter(net => [...keys.keys()].some(key => net.pins.has(key)));
      for (const net of touching) {
        nets.splice(nets.indexOf(net), 1);
        for (const [key, pin] of net.pins) keys.set(key, pin);
      }
      nets.push({ id: Math.max(id, ...touching.map(net => net.id)), pins: keys });
    }
    return nets
      .map(({ id, pins }) => ({ id, pins: [...pins.values()] }))
      .filter(({ pins }) => new Set(pins.map(pin => pin.board)).size > 1);
  }
}

/** `GND`, `3V3`, `5V`: at every board the same. */
export function isRail(pin: PinRef): boolean {
  return ['GND', '3V3', '5V'].includes(pin);
}
