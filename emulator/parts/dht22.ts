/**
 * The humidity and temperature sensors DHT22 (AM2302) and DHT11 on one wire (data sheet AM2302, section 7): woken by a low
 * of a millisecond (18 ms for the DHT11), it answers with 40 bits whose highs are short or long.
 */
import { type Bit, Level } from '../trace/level.ts';
import { EdgeList } from '../trace/waveform.ts';
import { Part, type PartBench } from './part.ts';

const MICROSECOND = 1000;
const MILLISECOND = 1_000_000;

/** How long the wire must be low, and how soon it may be asked again, ns. */
const MODELS = {
  DHT22: { wake: 0.8 * MILLISECOND, interval: 2000 * MILLISECOND },
  DHT11: { wake: 17 * MILLISECOND, interval: 1000 * MILLISECOND },
} as const;

const PULL_UP = 5_000;

export class Dht22 extends Part {
  private readonly temperature: { readonly value: number };
  private readonly humidity: { readonly value: number };
  private readonly noise: { readonly value: number };
  private fellAt = 0;
  private quietUntil = 0;
  private answering = false;
  /** what it measured last; it answers with that while it is asked too often */
  private answer = new Uint8Array(5);

  /** @param pullUp whether the module has its resistor on board */
  constructor(
    bench: PartBench,
    name: string,
    private readonly model: keyof typeof MODELS = 'DHT22',
    pullUp = true,
  ) {
    super(bench, name);
    const [min, max] = model === 'DHT22' ? [-40, 80] : [0, 50];
    this.temperature = this.addNumber('temperature', { description: 'how warm it is', unit: '°C', initial: 25, min, max });
    this.humidity = this.addNumber('humidity', { description: 'how damp it is', unit: '%', initial: 50, min: 0, max: 100 });
    this.addFlagFault('silent', 'it does not answer');
    this.addFlagFault('wrong-answers', 'its checksum does not fit');
    this.noise = this.addAmountFault('noise', 'what it measures is noisy', 'units either way');
    const data = this.addPin('data');
    if (pullUp) data.setPull(PULL_UP, bench.netlist.supply);
    data.observe((bit, time) => this.edge(bit, time));
  }

  private edge(bit: Bit, time: number): void {
    if (bit === 0) {
      this.fellAt = time;
      return;
    }
    if (this.answering || time - this.fellAt < MODELS[this.model].wake || this.isFaulty('silent')) return;
    if (time >= this.quietUntil) this.measure();
    this.quietUntil = time + MODELS[this.model].interval;
    this.reply(time);
  }

  private measure(): void {
    const noise = () => (this.noise.value === 0 ? 0 : (this.random.fraction() * 2 - 1) * this.noise.value);
    const temperature = this.temperature.value + noise();
    const humidity = Math.max(0, Math.min(100, this.humidity.value + noise()));
    const bytes = this.answer;
    if (this.model === 'DHT11') bytes.set([Math.round(humidity), 0, Math.round(temperature), 0]);
    else {
      const tenths = Math.round(Math.abs(temperature) * 10) | (temperature < 0 ? 0x8000 : 0);
      const damp = Math.round(humidity * 10);
      bytes.set([damp >> 8, damp & 0xff, tenths >> 8, tenths & 0xff]);
    }
    bytes[4] = bytes[0] + bytes[1] + bytes[2] + bytes[3];
  }

  private reply(now: number): void {
    const times: number[] = [];
    const levels: Level[] = [];
    let time = now + 30 * MICROSECOND;
    const put = (level: 0 | 1, duration: number) => {
      times.push(time);
      levels.push(level === 0 ? Level.LOW : Level.FLOATING_HIGH);
      time += duration * MICROSECOND;
    };
    put(0, 80);
    put(1, 80);
    for (const [index, byte] of this.answer.entries()) {
      const sent = index === 4 && this.isFaulty('wrong-answers') ? byte ^ 0x55 : byte;
      for (let bit = 7; bit >= 0; bit--) {
        put(0, 50);
        put(1, (sent >> bit) & 1 ? 70 : 26);
      }
    }
    put(0, 50);
    put(1, 0);
    this.answering = true;
    this.pin('data').play(new EdgeList(times, levels, Level.FLOATING_HIGH));
    this.clock.at(time + 10 * MICROSECOND, () => {
      this.answering = false;
      this.pin('data').setDrive(-1);
    });
  }
}
