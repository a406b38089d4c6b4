/** What a scenario leaves in the report: where it ran, and, when it failed or always when asked, what was seen. */
import { factsMediaType, type ScenarioFacts } from '../reports/facts.ts';
import { printable } from '../reports/printable.ts';
import type { Bench } from './bench.ts';

export async function attachEvidence(bench: Bench, status: string): Promise<void> {
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
  if (status !== 'FAILED' && bench.parameters.evidence !== 'always') return;
  for (const dut of duts) {
    const transcript = await bench.transcript(dut);
    if (transcript !== '')
      bench.attach(printable(transcript), { mediaType: 'text/plain', fileName: duts.length > 1 ? `serial-${dut.name}.txt` : 'serial.txt' });
  }
}
