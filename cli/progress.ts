/** What a terminal shows while specs run: failures at once, one line that says what runs and how many are left. */
import type { WriteStream } from 'node:tty';
import { type ScenarioRecord, type Totals, verdict } from '../reports/record.ts';

const codes = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 };
export type Colour = keyof typeof codes;

/** Colours only where a terminal shows them, and NO_COLOR is not set. */
export function paint(stream: { isTTY?: boolean }, colour: Colour, text: string): string {
  const wanted =
    process.env.FORCE_COLOR !== undefined ? process.env.FORCE_COLOR !== '0' : stream.isTTY === true && process.env.NO_COLOR === undefined;
  return wanted ? `\x1b[${codes[colour]}m${text}\x1b[0m` : text;
}

export class Progress {
  private readonly counts: Totals = { passed: 0, failed: 0, skipped: 0, 'not-run': 0 };
  private feature = '';
  private featureCounts: Totals = { passed: 0, failed: 0, skipped: 0, 'not-run': 0 };
  private done = 0;
  private lineShown = false;

  constructor(
    private readonly out: WriteStream | NodeJS.WriteStream,
    private readonly planned: () => number,
    private readonly quiet: boolean,
    private readonly describe: (scenario: ScenarioRecord) => string,
  ) {}

  scenario(scenario: ScenarioRecord): void {
    this.done++;
    const result = verdict(scenario.status);
    this.counts[result]++;
    if (scenario.feature !== this.feature) {
      this.endFeature();
      this.feature = scenario.feature;
      this.featureCounts = { passed: 0, failed: 0, skipped: 0, 'not-run': 0 };
    }
    this.featureCounts[result]++;
    if (result === 'failed') this.print(`${this.describe(scenario)}\n`);
    this.showLine(scenario.name);
  }

  /** Prints what is left of the progress line. */
  end(): void {
    this.endFeature();
    this.clearLine();
  }

  private endFeature(): void {
    if (this.feature === '' || this.quiet || this.out.isTTY) return;
    const { passed, failed, skipped } = this.featureCounts;
    const parts = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])];
    this.print(`  ${failed > 0 ? '✗' : '✓'} ${this.feature}: ${parts.join(', ')}\n`);
  }

  private print(text: string): void {
    this.clearLine();
    this.out.write(text);
  }

  private showLine(name: string): void {
    if (!this.out.isTTY || this.quiet) return;
    const left = Math.max(0, this.planned() - this.done);
    const failed = this.counts.failed > 0 ? `, ${paint(this.out, 'red', `${this.counts.failed} failed`)}` : '';
    const head = `${paint(this.out, 'green', `${this.counts.passed} passed`)}${failed}, ${left} left`;
    const room = Math.max(10, (this.out.columns ?? 80) - 40);
    this.out.write(`\r\x1b[K${head}  ${paint(this.out, 'dim', name.slice(0, room))}`);
    this.lineShown = true;
  }

  private clearLine(): void {
    if (this.lineShown) this.out.write('\r\x1b[K');
    this.lineShown = false;
  }
}
