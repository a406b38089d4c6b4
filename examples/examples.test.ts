import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Project } from '../cli/test-project.ts';
import { packageRoot } from '../targets/package-root.ts';

const projects: Project[] = [];
afterAll(() => {
  for (const project of projects) project.remove();
});

function example(name: string): Project {
  const project = new Project(join(packageRoot, 'examples', name));
  projects.push(project);
  return project;
}

/** Those that are projects with specs; the others are files for the command line. */
const names = readdirSync(join(packageRoot, 'examples'), { withFileTypes: true })
  .filter(entry => entry.isDirectory() && existsSync(join(packageRoot, 'examples', entry.name, 'features')))
  .map(({ name }) => name);

describe.each(names)('the example %s', name => {
  test('passes as it stands, in a folder of its own', () => {
    const { status, stdout } = example(name).boardspec(['test']);
    expect(stdout).toMatch(/[1-9]\d* passed, 0 failed/);
    expect(stdout).not.toContain('skipped');
    expect(status).toBe(0);
  });
});

/** A change of one file that a person might make by mistake, and what the failure tells about it. */
function broken(
  name: string,
  file: string,
  from: string,
  to: string,
  args: readonly string[] = [],
): { status: number | null; text: string } {
  const project = example(name);
  const path = project.path(file);
  const before = readFileSync(path, 'utf8');
  expect(before).toContain(from);
  writeFileSync(path, before.replaceAll(from, to));
  const { status, stdout } = project.boardspec(['test', ...args]);
  return { status, text: stdout };
}

describe('a fault in the sensor driver is found from its failure alone', () => {
  test('a wrong address: who was called, and that nobody answered', () => {
    const { status, text } = broken('sensor-driver', 'drivers/tmp102.py', 'address=0x48', 'address=0x49', [
      '--name',
      '25.0 is read|25.0 °C is',
    ]);
    expect(status).toBe(1);
    expect(text).toContain('TMP102 at 0x49 does not answer');
  });

  test('bytes in the wrong order: what was on the wire', () => {
    const { text } = broken(
      'sensor-driver',
      'drivers/tmp102.py',
      'bytes((value >> 8, value & 0xFF))',
      'bytes((value & 0xFF, value >> 8))',
      ['features/configuration.feature'],
    );
    expect(text).toContain('expected  write to 0x48 of 02 F6 00');
    expect(text).toContain('write 0x48 ✓ 02 00 F6');
  });

  test('a forgotten sign: expected and seen', () => {
    const { text } = broken('sensor-driver', 'drivers/tmp102.py', 'value -= 1 << bits', 'pass', ['--name', '-0.25']);
    expect(text).toContain('- -0.25');
    expect(text).toContain('+ 255.75');
  });

  test('a missing retry: how often it was tried', () => {
    const { text } = broken('sensor-driver', 'drivers/tmp102.py', 'attempts=3', 'attempts=1', ['--name', 'falls silent']);
    expect(text).toContain('expected  write to 0x48, answered with nack');
    expect(text.match(/write 0x48 ✗ nack/g)).toHaveLength(1);
  });

  test('a syntax error: the file and the line', () => {
    const { text } = broken('sensor-driver', 'drivers/tmp102.py', 'def temperature(self):', 'def temperature(self:', [
      'features/conversion.feature',
    ]);
    expect(text).toMatch(/File "tmp102\.py", line \d+/);
    expect(text).toContain('SyntaxError');
  });

  test('a typing error in a spec: the step that was meant', () => {
    const { text } = broken('sensor-driver', 'features/trouble.feature', 'stops answering', 'stop answering', ['--name', 'comes back']);
    expect(text).toContain('this step has no definition; did you mean:\n      {string} stops answering');
  });

  test('a pin that does not exist: the pins that do', () => {
    const { text } = broken('sensor-driver', 'features/trouble.feature', '| X9  |', '| X99 |', ['--name', 'comes back']);
    expect(text).toMatch(/no pin "X99"/);
    expect(text).toContain('X9');
  });

  test('a wire that is missing: the pins that the part needs', () => {
    const { text } = broken('sensor-driver', 'features/trouble.feature', '      | sda | X10 |\n', '', ['--name', 'comes back']);
    expect(text).toContain('a tmp102 needs its pin sda wired');
  });

  test('a value out of range: the range', () => {
    const { text } = broken('sensor-driver', 'features/conversion.feature', 'is set to 140 °C', 'is set to 1400 °C', [
      'features/conversion.feature',
    ]);
    expect(text).toContain('temperature goes from -55 to 150 °C, not to 1400 °C');
  });

  test('a wrong unit: the right one', () => {
    const { text } = broken('sensor-driver', 'features/conversion.feature', 'is set to 140 °C', 'is set to 140 V', [
      'features/conversion.feature',
    ]);
    expect(text).toContain('temperature is in °C, not in "V"');
  });
});

describe('a fault in the thermostat is found from its failure alone', () => {
  test('a button that is not debounced: how often it counted', () => {
    const { text } = broken('thermostat', 'app/main.py', 'held[button] == 20', 'held[button] == 1', ['--name', 'bounce']);
    expect(text).toContain('expected  the answer "20.5"');
    expect(text).toMatch(/seen {6}"2[1-9]\.\d"/);
  });

  test('a journal that is written in place: what a power cut leaves of it', () => {
    const { text } = broken('thermostat', 'app/journal.py', 'with open(_PATH, "a") as file:', 'with open(_PATH, "w") as file:', [
      '--name',
      'between',
    ]);
    expect(text).toContain('expected  the answer "0 start, 0 start"');
  });
});
