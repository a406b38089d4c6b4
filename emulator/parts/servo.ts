/**
 * A hobby servo: pulses of 1 to 2 ms on `signal`, some fifty a second, say where its arm goes.
 *
 * It does nothing by itself: where the arm is follows from the pulses that the trace holds, worked out when somebody asks.
 */
import { bitOf } from '../trace/level.ts';
import { Part, type PartBench } from './part.ts';

export interface ServoOptions {
  /** µs of the pulse for the middle, 1500 unless given */
  centre?: number;
  /** µs more for 90°, 970 unless given, as the pyboard's driver assumes */
  quarterTurn?: number;
  /** degrees a second, 400 unless given */
  speed?: number;
  /** degrees to either side that it can reach, 90 unless given */
  range?: number;
}

/** ns; anything else is no servo pulse, and its electronics ignore it. */
const PULSE = { min: 300_000, max: 3_000_000 } as const;

export class Servo extends Part {
  private angle = 0;
  private target = 0;
  private lastPulse = 0;
  /** how far the pulses have been followed */
  private followed = 0;
  /** for when `angle` holds */
  private at = 0;
  private rise = -1;

  constructor(
    bench: PartBench,
    name: string,
    private readonly options: ServoOptions = {},
  ) {
    super(bench, name);
    this.addPin('signal', true);
    this.addReading('angle', { description: 'where the arm is', unit: '°', read: () => this.follow().angle });
    this.addReading('target', { description: 'where the pulses send it', unit: '°', read: () => this.follow().target });
    this.addReading('pulse', { description: 'width of the last pulse', unit: 'µs', read: () => this.follow().lastPulse / 1000 });
    this.addFault('jammed', {
      description: 'the arm cannot move',
      begin: () => this.moveFreely(),
      end: () => this.stayJammed(),
    });
  }

  /** Goes through the pulses since it was last asked. */
  private follow(): this {
    const jammed = this.isFaulty('jammed');
    this.followUpTo(this.clock.now, jammed);
    return this;
  }

  private moveFreely(): void {
    this.followUpTo(this.clock.now, false);
  }

  private stayJammed(): void {
    this.followUpTo(this.clock.now, true);
  }

  private followUpTo(now: number, jammed: boolean): void {
    const { centre = 1500, quarterTurn = 970, range = 90 } = this.options;
    this.pin('signal').signal!.forEachChange(this.followed, now, (time, level) => {
      if (bitOf(level) === 1) {
        if (this.rise < 0) this.rise = time;
      } else if (this.rise >= 0) {
        const width = time - this.rise;
        this.rise = -1;
        if (width < PULSE.min || width > PULSE.max) return;
        this.moveTo(time, jammed);
        this.lastPulse = width;
        this.target = Math.max(-range, Math.min(range, ((width / 1000 - centre) / quarterTurn) * 90));
      }
    });
    this.followed = now;
    this.moveTo(now, jammed);
  }

  private moveTo(time: number, jammed: boolean): void {
    const reach = ((this.options.speed ?? 400) * (time - this.at)) / 1e9;
    this.at = time;
    if (jammed || this.lastPulse === 0) return;
    const way = this.target - this.angle;
    this.angle += Math.sign(way) * Math.min(Math.abs(way), reach);
  }
}
