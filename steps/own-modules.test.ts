/** Modules for the board that a project writes itself: what goes wrong in them, seen from a project of its own. */
import { createRequire } from 'node:module';
import { afterAll, describe, expect, test } from 'vitest';
import { Project } from '../cli/test-project.ts';
import { loadsTypeScript } from '../emulator/session/typescript.ts';

const projects: Project[] = [];
afterAll(() => {
  for (const made of projects) made.remove();
});

const cucumber = JSON.stringify({ default: { import: ['modules/**/*.mjs'] } });

/** A project with one module, `own`, and a spec in which each program is a scenario. */
function project(definition: string, programs: readonly string[], has = 'own'): Project {
  const scenarios = programs.map(
    (program, index) =>
      `  Scenario: ${index}\n    Given the board has the module "${has}"\n    When the board runs the program:\n      """\n${program.replace(/^/gm, '      ')}\n      """\n    Then it prints "end"\n`,
  );
  const made = new Project()
    .write('cucumber.json', cucumber)
    .write('modules/own.mjs', `import { defineModule, GuestError, float, tuple } from 'boardspec';\n${definition}`)
    .write('features/own.feature', `Feature: Own\n${scenarios.join('')}`);
  projects.push(made);
  return made;
}

const module = (body: string) => `defineModule(import.meta.url, { name: 'own', ${body} });\n`;
const call = (code: string, more = '') => module(`functions: { f: { ${more} call: ${code} } }`);
const run = (definition: string, ...programs: string[]) => project(definition, programs).boardspec(['test', '--parallel', '0']);

describe('a defect in a module', () => {
  test('fails the scenario with file and line, and none of the others', () => {
    const { stdout, status } = run(
      call('(args, board) => {\n  const missing = undefined;\n  return missing.level;\n}'),
      "import own\nprint('before')\ntry:\n    own.f()\nexcept BaseException:\n    print('caught')",
      "print('end')",
    );
    expect(status).toBe(1);
    expect(stdout).toContain('1 passed, 1 failed');
    expect(stdout).toContain(`the module "own" failed in f(): TypeError: Cannot read properties of undefined (reading 'level')`);
    expect(stdout).toMatch(/at Object\.call \(\/.*modules\/own\.mjs:4:\d+\)/);
    expect(stdout).not.toContain('caught');
    expect(stdout).not.toContain('dist/');
    expect(stdout).toContain('| >OKbefore');
  });

  const defects = [
    ['symbol', '() => Symbol("x")', '', 'failed in symbol(): it gave a symbol, which Python has not'],
    ['promise', 'async () => 1', '', 'it is async; the board cannot wait for a promise'],
    ['other', '() => 2.5', "returns: 'int',", 'it promises int, and gave number 2.5'],
    ['oops', "() => { throw new GuestError('Oops'); }", '', 'it raised "Oops", which is no exception'],
    ['endless', '() => { const again = () => again() + 1; return again(); }', '', 'RangeError: Maximum call stack size exceeded'],
    ['itself', '() => { const list = []; list.push(list); return list; }', '', 'a value is nested too deeply'],
    ['words', "() => { throw 'words'; }", '', 'failed in words(): it threw "words"'],
    ['plain', '() => ({ x: 1 })', '', 'an object of class Object'],
    [
      'between',
      '(_, board) => { board.after(1000, () => board.spend(1)); }',
      '',
      'failed in an action of board.after: Error: spend: not in an action of board.after',
    ],
  ] as const;

  test('is told, whatever it is', () => {
    const functions = defects.map(([name, code, more]) => `${name}: { ${more} call: ${code} }`).join(',\n');
    const programs = defects.map(([name]) => `import own, time\nown.${name}()\ntime.sleep_ms(1)\nprint('end')`);
    const { stdout } = run(module(`functions: { ${functions} }`), ...programs);
    for (const [, , , message] of defects) expect(stdout).toContain(message);
    expect(stdout).toContain(`0 passed, ${defects.length} failed`);
    expect(stdout.match(/own\.mjs/g)!.length).toBeGreaterThanOrEqual(defects.length);
    expect(stdout).not.toContain('dist/');
  });

  test('that never ends is cut off', () => {
    const made = project(call('() => { for (;;); }'), []);
    const { stderr, status } = made.boardspec(['run', '--wall-limit', '1', '--module', 'modules/own.mjs', '-c', 'import own; own.f()']);
    expect(stderr).toContain('the guest never lets go');
    expect(status).toBe(1);
  });
});

describe('a file that defines no module', () => {
  test.each([
    ['a wrong type', call('() => 1', "parameters: { a: 'number' },"), 'module "own": functions.f.parameters.a: there is no type "number"'],
    ['no function', module('functions: { f: { call: 1 } }'), 'functions.f.call: it must be a function'],
    ['a wrong name', "defineModule(import.meta.url, { name: '2x' });", '"2x" is no Python name'],
    ['a name twice', module('functions: { f: { call: () => 1 } }, constants: { f: 1 }'), '"f" is defined twice'],
  ])('with %s says what is wrong', (_, definition, message) => {
    const { stdout, stderr, status } = run(definition, "print('end')");
    expect(stdout + stderr).toContain(message);
    expect(status).not.toBe(0);
  });

  test('is named by boardspec run', () => {
    const made = project('', []).write('empty.mjs', '').write('bad.mjs', 'export default 1;\nconst = 2;\n');
    expect(made.boardspec(['run', '--module', 'empty.mjs', '-c', '1']).stderr).toContain('defines no module');
    expect(made.boardspec(['run', '--module', 'none.mjs', '-c', '1']).stderr).toContain('none.mjs: there is no such file');
    const bad = made.boardspec(['run', '--module', 'bad.mjs', '-c', '1']);
    expect(bad.stderr).toContain('cannot be loaded: SyntaxError');
    expect(bad.status).toBe(1);
  });
});

test('a module that does not exist is told from those that do', () => {
  const { stdout } = project(call('() => 1'), ["print('end')"], 'owm').boardspec(['test', '--parallel', '0']);
  expect(stdout).toContain('there is no module "owm"; did you mean "own"?');
});

test('what a module has planned for later does not happen without power, nor after a reset', () => {
  const made = project(
    call("(_, board) => { const pin = board.pin('X1'); pin.write(0); board.after(5e8, () => pin.write(1)); }"),
    [],
  ).write(
    'features/later.feature',
    `Feature: Later
  Scenario Outline: <event>
    Given the board has the module "own"
    When the board is started with "import own; own.f()"
    And 100 ms pass
    And the board <event>
    And 1 s passes
    Then pin X1 <what>
    Examples:
      | event         | what         |
      | loses power   | rose 0 times |
      | is soft reset | rose 0 times |
      | is in phase "repl" | is high |
`,
  );
  const { stdout } = made.boardspec(['test', '--parallel', '0', 'features/later.feature']);
  expect(stdout).toContain('3 passed, 0 failed');
});

test('a module asks in vain for pins where there are none', () => {
  const made = project(call("(_, board) => board.pin('X1').read()"), []);
  const { stderr } = made.boardspec(['run', '--board', 'unix', '--module', 'modules/own.mjs', '-c', 'import own; own.f()']);
  expect(stderr).toContain('failed in f(): Error: pin: unix has no pins');
});

test("boardspec run takes a module, and its output is the program's", () => {
  const made = project(call('({ a }, board) => { board.print("from the module\\n"); return a + 1; }', "parameters: { a: 'int' },"), []);
  const { stdout, status, stderr } = made.boardspec(['run', '--module', 'modules/own.mjs', '-c', 'import own; print(own.f(41))']);
  expect({ stdout, status, stderr }).toEqual({ stdout: 'from the module\n42\n', status: 0, stderr: '' });
});

const { tsx, native } = { tsx: tsxIsThere(), native: loadsTypeScript() };

/** Whether this checkout has `tsx` somewhere; it is no dependency of its own. */
function tsxIsThere(): boolean {
  try {
    createRequire(import.meta.url).resolve('tsx/esm/api');
    return true;
  } catch {
    return false;
  }
}

const typed = `import { defineFunction, defineModule } from 'boardspec';
defineModule(import.meta.url, {
  name: 'own',
  functions: { f: defineFunction({ parameters: { a: 'int' }, returns: 'int', call: ({ a }): number => a + 1 }) },
});
`;

test.runIf(native)('a module in TypeScript is loaded as it is by a Node that can', () => {
  const made = project('', []).write('own.mts', typed);
  expect(made.boardspec(['run', '--module', 'own.mts', '-c', 'import own; print(own.f(41))']).stdout).toBe('42\n');
});

test.skipIf(native || tsx)('a module in TypeScript says what an older Node needs for it', () => {
  const made = project('', []).write('own.mts', typed);
  const { stderr, status } = made.boardspec(['run', '--module', 'own.mts', '-c', 'import own']);
  expect(stderr).toContain(
    'does not load TypeScript by itself: install tsx in the project (npm install --save-dev tsx), or use Node 22.18',
  );
  expect(stderr).not.toContain('    at ');
  expect(status).toBe(1);
});

test("the guest's names and values reach no prototype of JavaScript's", () => {
  const made = project(
    `globalThis.seen = [];
${module(`functions: {
  keys: { parameters: { d: 'dict' }, call: ({ d }) => [d instanceof Map, ...d.keys()] },
  args: { parameters: { a: 'any' }, call: args => [Object.getPrototypeOf(args) === null, ({}).polluted === undefined, ...Object.keys(args)] },
  back: { parameters: { a: 'any' }, call: ({ a }) => a },
}, classes: { Box: { create: () => ({ inside: 1 }), methods: { look: { call: self => self.inside } } } }`)}`,
    [],
  );
  const program = `
import own
print(own.keys({'__proto__': 1, 'constructor': 2, 'toString': 3}))
print(own.args({'__proto__': {'polluted': 1}}))
class Guest: pass
g = Guest()
print(own.back(g) is g, own.back(len) is len, own.back('\\ud800') == '\\ud800')
b = own.Box()
for name in ('__proto__', 'constructor', 'hasOwnProperty', 'inside', 'state', 'life'):
    print(hasattr(b, name), hasattr(own, name), end=' ')
print(b.look())
try:
    own.Box.look(5)
except TypeError as e:
    print(e)
a = []
a.append(a)
try:
    own.back(a)
except ValueError as e:
    print(e)
`;
  const { stdout, stderr } = made.boardspec(['run', '--module', 'modules/own.mjs', '-c', program]);
  expect(stderr).toBe('');
  expect(stdout.split('\n')).toEqual([
    "[True, '__proto__', 'toString', 'constructor']",
    "[True, True, 'a']",
    'True True True',
    `${'False False '.repeat(6)}1`,
    'argument has wrong type',
    'nested too deeply',
    '',
  ]);
});
