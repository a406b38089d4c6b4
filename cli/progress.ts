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

/** How many scenarios of a file are still to come, and how those went that have ended. */
interface FileProgress {
  left: number;
  readonly counts: Totals;
}

export class Progress {
  private readonly counts: Totals = { passed: 0, failed: 0, skipped: 0, 'not-run': 0 };
  private readonly files = new Map<string, FileProgress>();
  private left = 0;
  private lineShown = false;

  /** @param plan the file of each scenario that is to run */
  constructor(
    private readonly out: WriteStream | NodeJS.WriteStream,
    plan: readonly string[],
    private readonly quiet: boolean,
    private readonly describe: (scenario: ScenarioRecord) => string,
  ) {
    for (const uri of plan) {
      const file = this.files.get(uri);
      if (file === undefined) this.files.set(uri, { left: 1, counts: { passed: 0, failed: 0, skipped: 0, 'not-run': 0 } });
      else file.left++;
    }
    this.left = plan.length;
  }

  scenario(scenario: ScenarioRecord): void {
    const result = verdict(scenario.status);
    this.left--;
    this.counts[result]++;
    if (result === 'failed') this.print(`${this.describe(scenario)}\n`);
    const file = this.files.get(scenario.uri);
    if (file !== undefined) {
      file.left--;
      file.counts[result]++;
      if (file.left === 0) this.endFile(scenario.feature, file.counts);
    }
    this.showLine(scenario.name);
  }

  /** Takes away the line that said what runs. */
  end(): void {
    if (this.lineShown) this.out.write('\r\x1b[K');
    this.lineShown = false;
  }

  private endFile(feature: string, { passed, failed, skipped }: Totals): void {
    if (this.quiet) return;
    const parts = [`${passed} passed`, ...(failed > 0 ? [`${failed} failed`] : []), ...(skipped > 0 ? [`${skipped} skipped`] : [])];
    const mark = failed > 0 ? paint(this.out, 'red', '✗') : paint(this.out, 'green', '✓');
    this.print(`  ${mark} ${feature}: ${parts.join(', ')}\n`);
  }

  private print(text: string): void {
    this.end();
    this.out.write(text);
  }

  private showLine(name: string): void {
    if (!this.out.isTTY || this.quiet || this.left <= 0) return;
    const failed = this.counts.failed > 0 ? `, ${paint(this.out, 'red', `${this.counts.failed} failed`)}` : '';
    const head = `${paint(this.out, 'green', `${this.counts.passed} passed`)}${failed}, ${this.left} left`;
    const room = Math.max(10, (this.out.columns ?? 80) - 40);
    this.out.write(`\r\x1b[K${head}  ${paint(this.out, 'dim', name.slice(0, room))}`);
    this.lineShown = true;
  }
}
