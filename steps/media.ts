/** Files: what flash and SD card hold, seen with a programmer or a card reader in the hand, beside the board's own view. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { DataTable } from '@cucumber/cucumber';
import type { MediumName, MediumSetup } from '../emulator/session/handle.ts';
import { contains, formatSize, type Range } from '../views/units.ts';
import { type Bench, utf8 } from './bench.ts';
import { whatExists } from './did-you-mean.ts';
import { BadStep, difference, ExpectationFailed } from './failure.ts';
import type { Named } from './parameters.ts';
import { look } from './programs.ts';
import { family } from './step.ts';

const step = family('Files');

async function mediaOf(bench: Bench, board: string | undefined) {
  bench.need('media');
  return (await bench.dut(board)).media!;
}

/** Puts a file on a medium; an SD card that is not there is put in first. */
async function store(bench: Bench, { name, board }: Named, path: string, content: Uint8Array): Promise<void> {
  const media = await mediaOf(bench, board);
  const dut = await bench.dut(board);
  if (name === 'sd' && dut.state !== undefined && !(await dut.state()).sdInserted) await media.insertCard({ kind: 'files', files: {} });
  await media.writeFile(name as MediumName, path, content);
}

step(
  '{medium} holds {string}:',
  {
    about:
      'Puts a text file on the medium, before the board uses it. A card is put into the slot when there is none. The text ends with a line end.',
    takes: 'the contents as a doc string',
    needs: ['media'],
    passes: `Given the flash holds "main.py":
  """
  print('from main')
  """
When the board powers on
Then the board prints "from main" within 5 s`,
  },
  async function (this: Bench, medium: Named, path: string, content: string) {
    await store(this, medium, path, Buffer.from(content === '' ? '' : `${content}\n`, 'utf8'));
  },
);

step(
  '{medium} holds {string} from the host file {string}',
  {
    about: 'Copies a file of the host onto the medium. The path is from the folder in which the specs run.',
    needs: ['media'],
    passes: `Given the flash holds "copy.txt" from the host file "package.json"
When the board runs "print(open('/flash/copy.txt').read(1))"
Then it prints "{"`,
    fails: { steps: `Given the flash holds "copy.txt" from the host file "no-such-file.txt"`, says: 'no-such-file.txt' },
  },
  async function (this: Bench, medium: Named, path: string, hostFile: string) {
    await store(this, medium, path, readHost(hostFile));
  },
);

step(
  '{medium} holds the host folder {string}',
  {
    about: 'Copies all files of a host folder, with its folders, onto the medium.',
    needs: ['media'],
    passes: `Given the flash holds the host folder "features/language"
When the board runs "import os; print('hello.feature' in os.listdir('/flash'))"
Then it prints "True"`,
  },
  async function (this: Bench, medium: Named, hostFolder: string) {
    const root = resolve(hostFolder);
    let names: string[];
    try {
      names = readdirSync(root, { recursive: true, encoding: 'utf8' });
    } catch {
      throw new BadStep(`the host has no folder "${hostFolder}" (seen from ${process.cwd()})`);
    }
    for (const name of names.sort()) {
      const file = join(root, name);
      if (statSync(file).isFile()) await store(this, medium, relative(root, file).replaceAll('\\', '/'), readFileSync(file));
    }
  },
);

step(
  '{medium} is blank',
  {
    about: 'The medium is erased: every byte is 0xFF, and there is no filesystem on it.',
    needs: ['media'],
    passes: `Given the flash is blank
When the board powers on
Then the board reaches its prompt within 10 s`,
  },
  async function (this: Bench, { name, board }: Named) {
    const media = await mediaOf(this, board);
    if (name === 'sd') await media.insertCard({ kind: 'blank' });
    else await media.setImage('flash', { kind: 'blank' });
  },
);

step(
  'the flash of {dut} holds the image {string}',
  {
    about: 'Writes a whole image, a file of the host, to the flash.',
    needs: ['media'],
    passes: `Given the board has booted`,
    fails: { steps: `Given the flash of the board holds the image "no-such.img"`, says: 'no-such.img' },
  },
  async function (this: Bench, board: string | undefined, hostFile: string) {
    await (await mediaOf(this, board)).setImage('flash', { kind: 'image', bytes: readHost(hostFile) });
  },
);

step(
  'byte {int} of {medium} becomes {bytes}',
  {
    about: 'Overwrites bytes of the medium in place, from this one on: a worn cell, a broken boot sector.',
    needs: ['media'],
    passes: `Given byte 510 of the flash becomes 00 00
When the board powers on
Then the board reaches its prompt within 10 s`,
  },
  async function (this: Bench, offset: number, { name, board }: Named, bytes: Uint8Array) {
    await (await mediaOf(this, board)).corrupt(name as MediumName, offset, bytes);
  },
);

const cards: Readonly<Record<string, MediumSetup>> = {
  an: { kind: 'files', files: {} },
  'an empty': { kind: 'files', files: {} },
  'an unformatted': { kind: 'blank' },
};

for (const [article, card] of Object.entries(cards)) {
  if (article === 'an empty') continue;
  step(
    `${article} SD card is inserted`,
    {
      about:
        article === 'an'
          ? 'Puts a card with an empty FAT filesystem into the slot, also while the board runs.'
          : 'Puts a card without a filesystem into the slot.',
      needs: ['media'],
      passes: `When ${article} SD card is inserted
Then the board runs "import pyb; print(pyb.SDCard().present())"
And it prints "True"`,
    },
    async function (this: Bench) {
      await (await mediaOf(this, undefined)).insertCard(card);
    },
  );
}

step(
  'the SD card is removed',
  {
    about: 'Pulls the card at this instant, in the middle of a write if there is one.',
    needs: ['media'],
    passes: `Given an SD card is inserted
When the SD card is removed
Then the board runs "import pyb; print(pyb.SDCard().present())"
And it prints "False"`,
    fails: { steps: `When the SD card is removed`, says: 'card' },
  },
  async function (this: Bench) {
    await (await mediaOf(this, undefined)).removeCard();
  },
);

/** `/flash/lib/x.py` → the medium and the path on it. */
function placeOf(path: string): { medium: MediumName; rest: string } {
  const match = /^\/(flash|sd)(?:\/(.*))?$/.exec(path);
  if (match === null) throw new BadStep(`"${path}" is neither below /flash nor below /sd`);
  return { medium: match[1] as MediumName, rest: match[2] ?? '' };
}

async function contentOf(bench: Bench, path: string): Promise<Uint8Array> {
  const { medium, rest } = placeOf(path);
  const media = await mediaOf(bench, undefined);
  const content = await media.readFile(medium, rest);
  if (content === undefined) {
    const files = (await media.list(medium)).map(entry => `/${medium}/${entry.path}`);
    throw new ExpectationFailed(`a file ${path}`, `there is none; ${whatExists(path, files)}`);
  }
  return content;
}

step(
  'there is a file {string}',
  {
    about: 'The medium holds this file or folder. The path begins with /flash or /sd.',
    needs: ['media'],
    passes: `Given the board has booted
Then there is a file "/flash/main.py"`,
    fails: { steps: `Given the board has booted\nThen there is a file "/flash/mian.py"`, says: 'did you mean "/flash/main.py"' },
  },
  async function (this: Bench, path: string) {
    const { medium, rest } = placeOf(path);
    const entries = await (await mediaOf(this, undefined)).list(medium);
    if (!entries.some(entry => entry.path === rest.replace(/\/$/, ''))) {
      throw new ExpectationFailed(
        `a file ${path}`,
        `there is none; ${whatExists(
          path,
          entries.map(entry => `/${medium}/${entry.path}`),
        )}`,
      );
    }
  },
);

step(
  'there is no file {string}',
  {
    about: 'The medium does not hold this file or folder.',
    needs: ['media'],
    passes: `Given the board has booted
Then there is no file "/flash/other.py"`,
    fails: { steps: `Given the board has booted\nThen there is no file "/flash/main.py"`, says: 'expected  no file /flash/main.py' },
  },
  async function (this: Bench, path: string) {
    const { medium, rest } = placeOf(path);
    const entry = (await (await mediaOf(this, undefined)).list(medium)).find(entry => entry.path === rest.replace(/\/$/, ''));
    if (entry !== undefined) throw new ExpectationFailed(`no file ${path}`, `a ${entry.kind} of ${formatSize(entry.size)}`);
  },
);

step(
  'the file {string} holds {string}',
  {
    about: 'The file contains this text, among other things.',
    needs: ['media'],
    passes: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('one two'); f.close()"
Then the file "/flash/a.txt" holds "two"`,
    fails: {
      steps: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('one two'); f.close()"\nThen the file "/flash/a.txt" holds "three"`,
      says: 'expected  /flash/a.txt to hold "three"',
    },
  },
  async function (this: Bench, path: string, expected: string) {
    const seen = utf8(Buffer.from(await contentOf(this, path)).toString('latin1'));
    if (!seen.includes(expected))
      throw new ExpectationFailed(`${path} to hold ${JSON.stringify(expected)}`, 'it does not', { evidence: seen });
  },
);

step(
  'the file {string} holds:',
  {
    about: 'The file contains exactly these lines. A line end after the last one is not compared.',
    takes: 'the contents as a doc string',
    needs: ['media'],
    passes: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('one\\ntwo\\n'); f.close()"
Then the file "/flash/a.txt" holds:
  """
  one
  two
  """`,
    fails: {
      steps: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('one'); f.close()"\nThen the file "/flash/a.txt" holds:\n  """\n  two\n  """`,
      says: '- two',
    },
  },
  async function (this: Bench, path: string, expected: string) {
    const seen = utf8(Buffer.from(await contentOf(this, path)).toString('latin1'))
      .replaceAll('\r\n', '\n')
      .replace(/\n$/, '');
    if (seen !== expected) throw new ExpectationFailed(`${path} to hold these lines`, 'others', { evidence: difference(expected, seen) });
  },
);

step(
  'the file {string} has {size-range}',
  {
    about: 'The size of the file.',
    needs: ['media'],
    passes: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('x' * 600); f.close()"
Then the file "/flash/a.txt" has 600 bytes`,
    fails: {
      steps: `When the board runs "f = open('/flash/a.txt', 'w'); f.write('x' * 600); f.close()"\nThen the file "/flash/a.txt" has at most 100 bytes`,
      says: 'seen      600 bytes',
    },
  },
  async function (this: Bench, path: string, range: Range) {
    const { length } = await contentOf(this, path);
    if (!contains(range, length)) throw new ExpectationFailed(`${path} to have ${range.text}`, formatSize(length));
  },
);

step(
  '{medium} has {size-range} free',
  {
    about: "The free space of the medium's filesystem, as the board itself tells it (`os.statvfs`).",
    needs: ['media', 'execute'],
    passes: `Given an SD card is inserted
Then the SD card has at least 100 KiB free
And the flash has at least 80 KiB free`,
    fails: { steps: 'Then the flash has at least 10 MiB free', says: 'expected  the flash to have at least 10 MiB free' },
  },
  async function (this: Bench, { name, board }: Named, range: Range) {
    const free = await look(this, board, `import os; s = os.statvfs('/${name}'); print(s[0] * s[3])`);
    if (!contains(range, free))
      throw new ExpectationFailed(`the ${name === 'sd' ? 'SD card' : name} to have ${range.text} free`, formatSize(free));
  },
);

step(
  '{medium} has exactly these files:',
  {
    about: 'The files of the medium, folders left out, in any order.',
    takes: 'a table of one column: paths from the root of the medium',
    needs: ['media'],
    passes: `Given the board has booted
Then the flash has exactly these files:
  | boot.py     |
  | main.py     |
  | pybcdc.inf  |
  | README.txt  |`,
    fails: { steps: `Given the board has booted\nThen the flash has exactly these files:\n  | boot.py |`, says: '+ main.py' },
  },
  async function (this: Bench, { name, board }: Named, table: DataTable) {
    const entries = await (await mediaOf(this, board)).list(name as MediumName);
    const seen = entries
      .filter(({ kind }) => kind === 'file')
      .map(({ path }) => path)
      .sort();
    const expected = table
      .raw()
      .map(([path]) => path)
      .sort();
    if (seen.join('\n') !== expected.join('\n'))
      throw new ExpectationFailed('these files', 'others', { evidence: difference(expected.join('\n'), seen.join('\n')) });
  },
);

step(
  'the filesystem on {medium} is sound',
  {
    about: 'A check of the filesystem finds nothing wrong.',
    needs: ['media'],
    passes: `Given the board has booted
Then the filesystem on the flash is sound`,
    fails: { steps: `Given the flash is blank\nThen the filesystem on the flash is sound`, says: 'to be sound' },
  },
  async function (this: Bench, { name, board }: Named) {
    const problems = await (await mediaOf(this, board)).check(name as MediumName);
    if (problems.length > 0)
      throw new ExpectationFailed(`the filesystem on the ${name} to be sound`, `${problems.length} problems`, {
        evidence: problems.join('\n'),
      });
  },
);

step(
  'the filesystem on {medium} is damaged',
  {
    about: 'A check of the filesystem finds something wrong.',
    needs: ['media'],
    passes: `Given the flash is blank
Then the filesystem on the flash is damaged`,
    fails: { steps: `Given the board has booted\nThen the filesystem on the flash is damaged`, says: 'it is sound' },
  },
  async function (this: Bench, { name, board }: Named) {
    const problems = await (await mediaOf(this, board)).check(name as MediumName);
    if (problems.length === 0) throw new ExpectationFailed(`the filesystem on the ${name} to be damaged`, 'it is sound');
  },
);

function readHost(file: string): Uint8Array {
  try {
    return readFileSync(resolve(file));
  } catch {
    throw new BadStep(`the host has no file "${file}" (seen from ${process.cwd()})`);
  }
}
