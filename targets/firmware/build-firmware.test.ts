/** Manifests and what is built from them. What they name and freeze was compared with upstream's tools for all of micropython-lib; here are the rules one by one. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boards } from '../../boards/index.ts';
import { compile } from '../../emulator/compiler/compile.ts';
import { readMpy, writeMpy } from '../../emulator/compiler/mpy.ts';
import { buildFirmware, type FirmwareRequest } from './build-firmware.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boardspec-manifest-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes files, their texts by their paths. */
function given(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function build(manifest: string, more: Partial<FirmwareRequest> = {}, path = 'manifest.py') {
  given({ [path]: manifest });
  return buildFirmware({ board: 'pyboard-v1.1', manifests: [join(folder, path)], ...more });
}

const frozen = (manifest: string, more?: Partial<FirmwareRequest>): string[] =>
  build(manifest, more).firmware.frozen.map(({ path, kind }) => `${kind} ${path}`);

/** The message, with the test's folder taken out. */
function refusal(manifest: string, more?: Partial<FirmwareRequest>): string {
  try {
    build(manifest, more);
  } catch (error) {
    return (error as Error).message.replaceAll(`${folder}/`, '').replaceAll(folder, '.');
  }
  return 'it was built';
}

const mpy = (name: string): Uint8Array =>
  writeMpy(
    compile('x = 1\n', {
      fileName: name,
      input: 'file',
      optLevel: 0,
      smallIntBits: 31,
      float: 'double',
      errorReporting: 'detailed',
      defaultEmit: 'bytecode',
      nativeArch: 0,
      crossCompiler: true,
    }),
    { smallIntBits: 31, arch: 0, archFlags: 0 },
  );

describe('module() and package()', () => {
  it('freeze a file under its path from the base', () => {
    given({ 'a.py': '', 'src/b.py': '', 'src/deep/c.py': '' });
    expect(frozen('module("a.py")\nmodule("b.py", base_path="src")\nmodule("deep/c.py", "src")')).toEqual([
      'mpy a.py',
      'mpy b.py',
      'mpy deep/c.py',
    ]);
  });

  it('freeze a package with all of its .py files, or with those that are named', () => {
    given({ 'p/__init__.py': '', 'p/b.py': '', 'p/sub/c.py': '', 'p/notes.txt': '', 'lib/q/__init__.py': '', 'lib/q/d.py': '' });
    expect(frozen('package("p")\npackage("q", ("d.py",), base_path="lib")')).toEqual([
      'mpy p/__init__.py',
      'mpy p/b.py',
      'mpy p/sub/c.py',
      'mpy q/d.py',
    ]);
  });

  it('compile with the level of opt', () => {
    given({ 'a.py': 'assert x, "unique words"\n' });
    const bytes = (opt: string) => Buffer.from(build(`module("a.py"${opt})`).firmware.frozen[0].data);
    expect(bytes('').includes('unique words')).toBe(true);
    expect(bytes(', opt=1').includes('unique words')).toBe(false);
  });

  it('refuse what is not there, or not what they take', () => {
    given({ 'a.txt': '', 'a.py': '', 'empty/x.txt': '' });
    expect(refusal('\nmodule("b.py")')).toBe('manifest.py:2: Cannot stat b.py');
    expect(refusal('module("a.txt")')).toBe('manifest.py:1: module must be .py file');
    expect(refusal('package("p")')).toBe('manifest.py:1: there is no folder p');
    expect(refusal('package("empty")')).toBe('manifest.py:1: empty holds no .py file');
    expect(refusal('package("p", files="a.py")')).toBe('manifest.py:1: files must be a list or tuple of names');
    expect(refusal('module("a.py", opt=4)')).toBe('manifest.py:1: opt must be a level from 0 to 3');
    expect(refusal('module(3)')).toBe('manifest.py:1: module_path must be a string');
    expect(refusal('module("a.py", where="src")')).toContain('manifest.py:1: TypeError: ');
    expect(refusal('module("a.py")\nmodule("a.py")')).toContain('a.py is frozen twice');
  });
});

describe('freeze() and its kin', () => {
  it('take a folder, files of it, or a folder in it', () => {
    given({ 'd/a.py': '', 'd/b/c.py': '', 'd/b/e.mpy': mpy('b/e.py'), 'd/x.txt': '' });
    expect(frozen('freeze("d")')).toEqual(['mpy a.py', 'mpy b/c.py', 'mpy b/e.py']);
    expect(frozen('freeze("d", "a.py")')).toEqual(['mpy a.py']);
    expect(frozen('freeze("d", ("a.py", "b/c.py"))')).toEqual(['mpy a.py', 'mpy b/c.py']);
    expect(frozen('freeze("d", "b")')).toEqual(['mpy b/c.py', 'mpy b/e.py']);
    expect(frozen('freeze_as_mpy("d")')).toEqual(['mpy a.py', 'mpy b/c.py']);
    expect(frozen('freeze_mpy("d")')).toEqual(['mpy b/e.py']);
    expect(refusal('freeze("d", "x.txt")')).toBe('manifest.py:1: x.txt is neither a .py nor a .mpy file');
  });

  it('put texts in front, which only a firmware with the compiler takes', () => {
    given({ 'a.py': 'x = 1\n', 't/b.py': 'y = 2\r\n' });
    expect(frozen('module("a.py")\nfreeze_as_str("t")')).toEqual(['str b.py', 'mpy a.py']);
    expect(build('freeze_as_str("t")').firmware.frozen[0].data).toEqual(Buffer.from('y = 2\r\n'));
    expect(refusal('freeze_as_str("t")', { compiler: false })).toContain('t/b.py is frozen as text');
  });

  it('freeze a .mpy file under the name that it was compiled from, and say when that is another', () => {
    given({ 'd/a.mpy': mpy('src/a.py') });
    const warnings: string[] = [];
    expect(frozen('freeze("d")', { warn: text => warnings.push(text) })).toEqual(['mpy src/a.py']);
    expect(warnings.join()).toContain('was compiled from "src/a.py", and is frozen under that name, not as a.py');
  });

  it('refuse a .mpy file that the board cannot run', () => {
    given({ 'a.mpy': Uint8Array.of(0x4d, 5, 0, 31), 'b.mpy': '' });
    expect(refusal('freeze(".", "a.mpy")')).toBe('a.mpy: incompatible .mpy file');
    expect(refusal('freeze(".", "b.mpy")')).toBe('b.mpy: incompatible .mpy file');
  });
});

describe('include()', () => {
  it('takes a manifest once, from its own folder, with options', () => {
    given({
      'a.py': '',
      'sub/manifest.py': 'options.defaults(more=True)\nmodule("b.py")\nif options.more: module("c.py")\nprint(options.unknown)\n',
      'sub/b.py': '',
      'sub/c.py': '',
    });
    let printed = '';
    const print = (text: string) => {
      printed += text;
    };
    expect(frozen('include("sub")\ninclude("sub/manifest.py")\nmodule("a.py")', { print })).toEqual(['mpy b.py', 'mpy c.py', 'mpy a.py']);
    expect(printed).toBe('None\n');
    expect(frozen('include(["sub"], more=False)', { print })).toEqual(['mpy b.py']);
  });

  it('names the place of an error, and the way that led there', () => {
    given({ 'sub/manifest.py': '\n\n1 / 0\n', 'broken.py': 'def f(:\n' });
    expect(refusal('\ninclude("sub")')).toBe('sub/manifest.py:3: ZeroDivisionError: divide by zero (from manifest.py:2)');
    expect(refusal('include("broken.py")')).toBe('broken.py:1: SyntaxError: invalid syntax (from manifest.py:1)');
    expect(refusal('include("none.py")')).toBe('manifest.py:1: there is no manifest none.py');
  });

  it('knows the manifests of the stock firmware without a checkout', () => {
    const stock = [...boards.get('pyboard-v1.1')!.modules.frozen].sort();
    const names = (manifest: string) =>
      frozen(manifest)
        .map(line => line.slice(4, -3))
        .sort();
    expect(names('include("$(BOARD_DIR)/manifest.py")')).toEqual(stock);
    expect(names('include("$(PORT_DIR)/boards/manifest.py")')).toEqual(stock.filter(name => name !== 'lcd160cr'));
    expect(names('include("$(MPY_DIR)/extmod/asyncio")')).toEqual(stock.filter(name => name.includes('asyncio')));
    expect(
      buildFirmware({ board: 'pyboard-v1.1', manifests: [] })
        .firmware.frozen.map(({ path }) => path.slice(0, -3))
        .sort(),
    ).toEqual(stock);
  });
});

describe('require() and add_library()', () => {
  it('find a package by the name of its folder, with what it requires itself', () => {
    given({
      'lib/drivers/one/manifest.py': 'metadata(version="1.0", description="d")\nrequire("two")\nmodule("one.py")',
      'lib/drivers/one/one.py': '',
      'lib/two/manifest.py': 'package("two")',
      'lib/two/two/__init__.py': '',
    });
    expect(frozen('require("one")', { libraries: [join(folder, 'lib')] })).toEqual(['mpy two/__init__.py', 'mpy one.py']);
    expect(frozen('add_library("mine", "lib")\nrequire("two", library="mine")')).toEqual(['mpy two/__init__.py']);
    expect(frozen('require("onewire")')).toEqual(['mpy onewire.py']);
    expect(refusal('require("three")')).toContain("manifest.py:1: Package 'three' not found in any known library");
    expect(refusal('require("three", library="x")')).toBe("manifest.py:1: Unknown library 'x' for require('three').");
    expect(refusal('add_library("mine", "lib")\nrequire("three", library="mine")')).toBe(
      "manifest.py:2: Package 'three' not found in external library 'mine' (lib).",
    );
  });

  it('search a checkout of micropython-lib as upstream does, and a library that is put in front before it', () => {
    given({
      'lib/micropython/x/manifest.py': 'module("first.py")',
      'lib/micropython/x/first.py': '',
      'lib/python-stdlib/x/manifest.py': 'module("second.py")',
      'lib/python-stdlib/x/second.py': '',
      'own/x/manifest.py': 'module("third.py")',
      'own/x/third.py': '',
    });
    const libraries = [join(folder, 'lib')];
    expect(frozen('require("x")', { libraries })).toEqual(['mpy first.py']);
    expect(frozen('add_library("own", "own", prepend=True)\nrequire("x")', { libraries })).toEqual(['mpy third.py']);
    expect(frozen('add_library("own", "own")\nrequire("x")', { libraries })).toEqual(['mpy first.py']);
  });

  it('give the version of the package to its modules, unless they have one', () => {
    given({ 'p/manifest.py': 'metadata(version="1.2")\nmodule("a.py")\nmodule("b.py")', 'p/a.py': '', 'p/b.py': "__version__ = 'own'\n" });
    const [a, b] = build('require("p")', { libraries: [folder] }).firmware.frozen.map(({ data }) => Buffer.from(data).toString('latin1'));
    expect(a).toContain('1.2');
    expect(b).not.toContain('1.2');
    expect(refusal('metadata(version="1")\nmetadata(version="1")')).toBe('manifest.py:2: Duplicate call to metadata().');
  });
});

describe('variables', () => {
  it('stand for folders, which the manifest then may read', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'boardspec-elsewhere-'));
    try {
      writeFileSync(join(elsewhere, 'a.py'), '');
      expect(frozen('module("a.py", base_path="$(MINE)")', { variables: { MINE: elsewhere } })).toEqual(['mpy a.py']);
      expect(refusal('module("a.py", base_path="$(YOURS)")')).toContain(
        'manifest.py:1: $(YOURS) stands for nothing; give it a value with --var',
      );
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });

  it('let a checkout of MicroPython take the place of what is built in', () => {
    given({
      'mp/ports/stm32/boards/PYBV11/manifest.py': 'module("a.py", base_path="$(MPY_DIR)/x")',
      'mp/x/a.py': '',
      'mp/lib/micropython-lib/micropython/y/manifest.py': 'module("y.py")',
      'mp/lib/micropython-lib/micropython/y/y.py': '',
    });
    expect(frozen('include("$(BOARD_DIR)/manifest.py")\nrequire("y")', { variables: { MPY_DIR: join(folder, 'mp') } })).toEqual([
      'mpy a.py',
      'mpy y.py',
    ]);
  });
});

describe('a manifest is a guest', () => {
  it('sees nothing outside its folders', () => {
    const outside = mkdtempSync(join(tmpdir(), 'boardspec-outside-'));
    try {
      writeFileSync(join(outside, 'secret.py'), 'secret = 1\n');
      symlinkSync(outside, join(folder, 'link'));
      const refused = 'is outside the folders that a manifest may read';
      expect(refusal(`module("secret.py", base_path="${outside}")`)).toContain(refused);
      expect(refusal('module("secret.py", base_path="link")')).toContain(refused);
      expect(refusal('include("../manifest.py")')).toContain(refused);
      expect(refusal(`open("${outside}/secret.py")`)).toContain('OSError');
      expect(refusal('open("link/secret.py")')).toContain('OSError');
      expect(refusal('module("../a.py")')).toContain("a file's name in the firmware cannot lead out of its base");
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  it('reads its own files, and writes none', () => {
    given({ 'names.txt': 'a.py\nb.py\n', 'a.py': '', 'b.py': '' });
    expect(frozen('for name in open("names.txt"):\n    module(name.strip())\n')).toEqual(['mpy a.py', 'mpy b.py']);
    expect(refusal('open("new.txt", "w")')).toContain('manifest.py:1: OSError: 30');
  });

  it('can catch what goes wrong', () => {
    given({ 'b.py': '' });
    expect(frozen('try:\n    module("a.py")\nexcept ManifestFileError:\n    module("b.py")')).toEqual(['mpy b.py']);
  });

  it('cannot hang the host, not even when it catches everything', () => {
    expect(refusal('while True:\n  try:\n    while True: pass\n  except: pass')).toBe('manifest.py: it does not come to an end');
  }, 120_000);

  it('may be empty, and may have Windows line ends', () => {
    given({ 'a.py': '' });
    expect(frozen('')).toEqual([]);
    expect(frozen('# first\r\nmodule("a.py")\r\n')).toEqual(['mpy a.py']);
  });
});

describe('what is built', () => {
  it('is the same file every time', () => {
    given({ 'a.py': 'x = 1\n' });
    expect(build('module("a.py")').file).toEqual(build('module("a.py")').file);
  });

  it('holds machine code of the board’s core', () => {
    given({ 'a.py': '@micropython.viper\ndef f(n: int) -> int:\n    return n\n' });
    const { firmware } = build('module("a.py")');
    expect(readMpy(firmware.frozen[0].data, { smallIntBits: 31, arch: 7, float: 'single' }).arch).toBe(7);
  });

  it('says which file does not compile, and where', () => {
    given({ 'a.py': 'x = 1\nif x\n' });
    expect(refusal('module("a.py")')).toBe('a.py:2: SyntaxError: invalid syntax');
  });

  it('is refused for a board that takes no firmware', () => {
    expect(refusal('', { board: 'unix' })).toBe('unix has no bootloader that takes firmware files');
    expect(refusal('', { board: 'nanoboard' })).toContain('there is no board "nanoboard"; there are: ');
  });
});
