/** Runs our compiler and the official cross-compiler on the same programs, and counts where they differ. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ARCHES = { x64: 2, armv6: 3, armv6m: 4, armv7m: 5, armv7em: 6, armv7emsp: 7, armv7emdp: 8, rv32imc: 11 };

export class Comparison {
  programs = 0;
  errors = 0;
  crashes = 0;
  bytes = 0;
  failures = [];

  static async prepare(mpyCross) {
    if (!mpyCross) {
      console.error('compare: give the path of the official cross-compiler: --mpy-cross PATH');
      process.exit(2);
    }
    const folder = mkdtempSync(join(tmpdir(), 'machine-code-'));
    await build({
      stdin: {
        contents: `export { compile } from './emulator/compiler/compile.ts'; export { writeMpy } from './emulator/compiler/mpy.ts'; export { CompileError } from './emulator/compiler/rawcode.ts'; export { nativeBackend } from './emulator/asm/assembler/backend.ts';`,
        resolveDir: fileURLToPath(new URL('../..', import.meta.url)),
        loader: 'ts',
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile: join(folder, 'ours.mjs'),
      logLevel: 'warning',
    });
    return new Comparison(mpyCross, folder, await import(pathToFileURL(join(folder, 'ours.mjs'))));
  }

  constructor(mpyCross, folder, ours) {
    this.mpyCross = mpyCross;
    this.folder = folder;
    this.ours = ours;
  }

  /** Their result: the bytes, or the last line of the traceback with the line it names. */
  theirs(source, arch, flags, emit, smallIntBits = 31) {
    const file = join(this.folder, 'm.py');
    const out = join(this.folder, 'm.mpy');
    writeFileSync(file, source);
    rmSync(out, { force: true });
    const args = [
      `-march=${arch}`,
      `-msmall-int-bits=${smallIntBits}`,
      ...(flags ? [`-march-flags=${flags}`] : []),
      ...(emit ? ['-X', `emit=${emit}`] : []),
      '-s',
      'm.py',
      '-o',
      out,
      file,
    ];
    const { status, stderr, signal } = spawnSync(this.mpyCross, args, { encoding: 'utf8', timeout: 20_000 });
    if (signal !== null) return { crash: `${signal} ${stderr}` };
    if (status === 0) return { bytes: readFileSync(out) };
    const lines = stderr.trim().split('\n');
    const line = /line (\d+)/.exec(lines.filter(text => text.includes('File ')).at(-1) ?? '')?.[1];
    return { error: `${lines.at(-1)} (line ${line})` };
  }

  mine(source, arch, flags, emit, smallIntBits = 31) {
    const { compile, writeMpy, nativeBackend, CompileError } = this.ours;
    const archNumber = ARCHES[arch];
    const archFlags = flags === 'zba' ? 1 : 0;
    try {
      const module = compile(source, {
        fileName: 'm.py',
        input: 'file',
        optLevel: 0,
        smallIntBits,
        float: 'double',
        errorReporting: 'detailed',
        defaultEmit: emit ?? 'bytecode',
        nativeArch: archNumber,
        nativeBackend: nativeBackend(archNumber, { archFlags, namesOperators: false }),
        crossCompiler: true,
      });
      return { bytes: writeMpy(module, { smallIntBits, arch: archNumber, archFlags }) };
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      return { error: `${error.type}: ${error.message} (line ${error.line || undefined})` };
    }
  }

  /** @param smallIntBits of the board that runs the code */
  run(programs, arch, flags, emit, smallIntBits) {
    for (const source of programs) {
      this.programs++;
      const theirs = this.theirs(source, arch, flags, emit, smallIntBits);
      if (theirs.crash) {
        // An assertion of the reference's own; built without assertions, as on a board, it goes on.
        this.crashes++;
        continue;
      }
      let mine;
      try {
        mine = this.mine(source, arch, flags, emit, smallIntBits);
      } catch (error) {
        mine = { error: `THROWN ${error.stack}` };
      }
      const same = theirs.bytes ? mine.bytes && Buffer.compare(theirs.bytes, mine.bytes) === 0 : theirs.error === mine.error;
      if (theirs.bytes) this.bytes += theirs.bytes.length;
      else this.errors++;
      if (!same) this.failures.push({ source, arch, theirs, mine });
    }
  }

  finish(label, keep) {
    const show = result => result.error ?? Buffer.from(result.bytes).toString('hex');
    for (const { source, arch, theirs, mine } of this.failures.slice(0, 8))
      console.log(`${arch}\n${source}  reference ${show(theirs)}\n  ours      ${show(mine)}\n`);
    console.log(
      `${label}: ${this.programs} programs, ${this.programs - this.errors - this.crashes} files with ${this.bytes} bytes, ${this.errors} errors, ${this.crashes} that the reference gives up on, ${this.failures.length} differ`,
    );
    if (keep) {
      mkdirSync(join(this.folder, 'failures'), { recursive: true });
      this.failures.forEach(({ source }, i) => {
        writeFileSync(join(this.folder, 'failures', `${i}.py`), source);
      });
      console.log(this.folder);
    } else rmSync(this.folder, { recursive: true });
    process.exit(this.failures.length === 0 ? 0 : 1);
  }
}
