import { describe, expect, it } from 'vitest';
import { mergedJsonLines, mergedVcd } from './merged-trace.ts';

const vcd = (name: string, changes: string) =>
  `$version boardspec $end\n$timescale 1 ns $end\n$scope module board $end\n$var wire 1 ! ${name} $end\n$var string 1 " boot $end\n$upscope $end\n$enddefinitions $end\n#0\n$dumpvars\nz!\ns "\n$end\n${changes}`;

describe('the traces of several boards', () => {
  it('are one VCD, with names that tell them apart, in the order of time', () => {
    const merged = mergedVcd([
      ['left', vcd('X1', '#10\n1!\n#30\n0!\nsrepl "\n#40\n')],
      ['right', vcd('X2', '#10\n1!\n#20\n0!\n#40\n')],
    ]);
    expect(merged).toContain('$var wire 1 A! left.X1 $end');
    expect(merged).toContain('$var wire 1 C! right.X2 $end');
    expect(merged.slice(merged.indexOf('#10'))).toBe('#10\n1A!\n1C!\n#20\n0C!\n#30\n0A!\nsrepl A"\n#40\n');
  });

  it('are one file of JSON lines, each with its board', () => {
    const merged = mergedJsonLines([
      ['left', '{"format":"boardspec trace"}\n{"t":5,"channel":"X1"}\n'],
      ['right', '{"format":"boardspec trace"}\n{"t":3,"channel":"X2"}\n'],
    ]);
    expect(merged).toBe('{"format":"boardspec trace"}\n{"t":3,"board":"right","channel":"X2"}\n{"t":5,"board":"left","channel":"X1"}\n');
  });
});
