/** What a scenario leaves in the report: where it ran, and, when it failed or always when asked, what was seen. */

import type { TargetSession } from '../targets/target.ts';
import { printable } from '../views/printable.ts';
import { onScreen } from '../views/terminal.ts';
import { timingDiagram } from '../views/timing-diagram.ts';
import type { Bench } from './bench.ts';
import { factsMediaType, type ScenarioFacts } from './facts.ts';
import { scenarioDiagram } from './scenario-diagram.ts';

/** More edges than this no picture shows, and no person looks at. */
const maxEvents = 20_000;
/** Beyond this a transcript keeps its begin and its end. */
const maxTranscript = 100_000;

export async function attachEvidence(bench: Bench, status: string, title: string): Promise<void> {
  const session = bench.current;
  const duts = session === undefined ? [] : [...session.boards.values()];
  const facts: ScenarioFacts = {
    target: bench.target.name,
    boards: duts.map(({ name, description: { board, machine, firmware } }) => ({ name, board, machine, firmware })),
    virtualTime: bench.target.capabilities.has('virtual-time') ? session?.now : undefined,
    seed: bench.seed,
    skipReason: bench.skipReason,
    checks: bench.checks.length,
  };
  bench.attach(JSON.stringify(facts), { mediaType: factsMediaType, fileName: 'scenario.json' });
  if ((status !== 'FAILED' && bench.parameters.evidence !== 'always') || session === undefined) return;
  for (const dut of duts) {
    const transcript = await bench.transcript(dut);
    if (transcript !== '')
      bench.attach(shortened(printable(onScreen(transcript))), {
        mediaType: 'text/plain',
        fileName: duts.length > 1 ? `serial-${dut.name}.txt` : 'serial.txt',
      });
  }
  if (session.trace === undefined || session.lastWords !== undefined) return;
  await attachTrace(bench, session, title);
}

/** Diagram and VCD. A target that cannot give them leaves the rest of the evidence whole. */
async function attachTrace(bench: Bench, session: TargetSession, title: string): Promise<void> {
  try {
    const events = await session.trace!.events({ last: maxEvents });
    const levels = await session.trace!.levels(events.find(({ kind }) => kind === 'net')?.t ?? 0);
    const diagram = scenarioDiagram(title, events, levels, session.now, bench.checks);
    if (diagram !== undefined) bench.attach(timingDiagram(diagram), { mediaType: 'image/svg+xml', fileName: 'timing.svg' });
    const vcd = await session.trace!.vcd();
    if (vcd !== '') bench.attach(vcd, { mediaType: 'text/plain', fileName: 'trace.vcd' });
  } catch (error) {
    bench.attach(`The trace could not be read: ${(error as Error).message}`, { mediaType: 'text/plain', fileName: 'trace.txt' });
  }
}

function shortened(text: string): string {
  if (text.length <= maxTranscript) return text;
  const half = maxTranscript / 2;
  return `${text.slice(0, half)}\n… ${text.length - maxTranscript} characters left out …\n${text.slice(-half)}`;
}
