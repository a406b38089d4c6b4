/** The parts that a bench can have, by the kind that specs name. */
import { Led } from './led.ts';
import type { ControlValue, Part, PartBench } from './part.ts';
import { Potentiometer } from './potentiometer.ts';
import { PushButton } from './push-button.ts';
import { Servo } from './servo.ts';

export type PartOptions = Readonly<Record<string, ControlValue | readonly number[]>>;

export interface PartOption {
  readonly name: string;
  readonly type: 'number' | 'text' | 'flag';
  readonly unit?: string;
  readonly description: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

export interface CatalogueEntry {
  readonly kind: string;
  readonly title: string;
  /** Where its behaviour is documented. */
  readonly source: string;
  /** Pins that need no wire. */
  readonly optionalPins?: readonly string[];
  readonly options?: readonly PartOption[];
  make(bench: PartBench, name: string, options: PartOptions): Part;
}

const number = (options: PartOptions, name: string): number | undefined => options[name] as number | undefined;

export const catalogue: ReadonlyMap<string, CatalogueEntry> = new Map(
  (
    [
      {
        kind: 'led',
        title: 'LED with its resistor',
        source: 'a diode: lit or not',
        options: [
          { name: 'lit', type: 'number', description: 'the level that lights it', min: 0, max: 1 },
          { name: 'color', type: 'text', description: 'its colour, for pictures' },
        ],
        make: (bench, name, options) => new Led(bench, name, (number(options, 'lit') ?? 1) as 0 | 1, (options.color as string | undefined) ?? 'red'),
      },
      {
        kind: 'button',
        title: 'push-button between a pin and ground',
        source: 'a tactile switch: bounces for some milliseconds',
        optionalPins: ['b'],
        make: (bench, name) => new PushButton(bench, name),
      },
      {
        kind: 'potentiometer',
        title: 'potentiometer between supply and ground',
        source: 'a linear one of 10 kΩ',
        options: [{ name: 'resistance', type: 'number', unit: 'Ω', description: 'from end to end', min: 1 }],
        make: (bench, name, options) => new Potentiometer(bench, name, number(options, 'resistance')),
      },
      {
        kind: 'servo',
        title: 'hobby servo',
        source: 'pulses of 1 to 2 ms, some fifty a second',
        options: [
          { name: 'speed', type: 'number', unit: '°/s', description: 'how fast its arm turns', min: 1 },
          { name: 'range', type: 'number', unit: '°', description: 'how far it turns to either side', min: 1, max: 180 },
        ],
        make: (bench, name, options) => new Servo(bench, name, { speed: number(options, 'speed'), range: number(options, 'range') }),
      },
    ] satisfies CatalogueEntry[] as CatalogueEntry[]
  ).map(entry => [entry.kind, entry]),
);
