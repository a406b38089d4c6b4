import { describe, expect, test } from 'vitest';
import { type Diagram, timingDiagram } from './timing-diagram.ts';

const base: Diagram = {
  title: 'a test',
  from: 0,
  to: 1000,
  rows: [{ kind: 'digital', name: 'X1', initial: 0, edges: [{ t: 500, level: 1 }] }],
};

/** x coordinates of a wave's path. */
function path(svg: string): string {
  return /class="wave" d="([^"]+)"/.exec(svg)![1];
}

describe('a timing diagram', () => {
  test('draws an edge where it was', () => {
    const d = path(timingDiagram(base));
    const [start, edge, end] = [/^M([\d.]+)/, /H([\d.]+)/, /H([\d.]+)$/].map(pattern => Number(pattern.exec(d)![1]));
    expect(edge).toBeCloseTo((start + end) / 2, 0);
  });

  test('keeps text of a guest from being markup', () => {
    const svg = timingDiagram({
      ...base,
      title: '<script>x</script>',
      rows: [{ kind: 'spans', name: '"><b>', spans: [{ from: 0, to: 900, text: '</text><script>' }] }],
      marks: [{ t: 1, text: '<i>' }],
    });
    expect(svg).not.toContain('<script');
    expect(svg).not.toContain('<b>');
    expect(svg).not.toContain('<i>');
  });

  test('folds a long wait between bursts, and says how long it was', () => {
    const burst = (from: number) => Array.from({ length: 10 }, (_, i) => ({ t: from + i * 1000, level: ((i + 1) % 2) as 0 | 1 }));
    const svg = timingDiagram({
      from: 0,
      to: 1_000_020_000,
      rows: [{ kind: 'digital', name: 'X1', initial: 0, edges: [...burst(1000), ...burst(1_000_000_000)] }],
    });
    expect(svg).toContain('class="fold"');
    expect(svg).toContain('>1 s<');
  });

  test('says frequency and duty cycle of a signal too fast to draw', () => {
    const edges = Array.from({ length: 20_000 }, (_, i) => ({ t: i * 50 + (i % 2 ? -25 : 0), level: ((i + 1) % 2) as 0 | 1 }));
    const svg = timingDiagram({ from: 0, to: 1_000_000, rows: [{ kind: 'digital', name: 'X1', initial: 0, edges }] });
    expect(svg).toContain('10 MHz, 25 %');
  });

  test('numbers its marks and lists them', () => {
    const svg = timingDiagram({
      ...base,
      marks: [
        { t: 100, text: 'the first', ok: true },
        { t: 600, text: 'the second', ok: false },
      ],
    });
    expect(svg).toContain('✓ the first');
    expect(svg).toContain('✗ the second');
    expect(svg.match(/class="mark/g)).toHaveLength(2);
  });

  test('keeps the flags of marks at its end in the picture, and apart', () => {
    const svg = timingDiagram({ ...base, marks: [1, 2, 3].map(i => ({ t: base.to, text: `mark ${i}`, ok: true })) });
    const flags = [...svg.matchAll(/<circle class="flag" cx="([\d.]+)" cy="[\d.]+" r="8"/g)].map(([, x]) => Number(x)).filter(x => x > 100);
    expect(flags).toHaveLength(3);
    expect(Math.max(...flags)).toBeLessThanOrEqual(992);
    expect(flags[1] - flags[0]).toBeGreaterThanOrEqual(16);
  });

  test('has no NaN in it, whatever it is given', () => {
    for (const diagram of [
      { from: 0, to: 0, rows: [] },
      { from: 5, to: 5, rows: [{ kind: 'analog', name: 'A', unit: 'V', initial: undefined, samples: [] }] },
      { from: 0, to: 1, rows: [{ kind: 'digital', name: 'X', initial: 'z', edges: [{ t: 0, level: 'x' }] }] },
      { from: 0, to: 10, rows: [{ kind: 'spans', name: 'S', spans: [{ from: -5, to: 50, text: '' }] }] },
      { from: 0, to: 10, rows: [{ kind: 'lamp', name: 'L', colour: 'red', initial: 0, changes: [{ t: 3, intensity: 1 }] }] },
    ] as Diagram[]) {
      expect(timingDiagram(diagram)).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});
