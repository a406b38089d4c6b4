/**
 * Where machine code and what it refers to lies: the code itself, the table of inner functions, and for each module its context with the tables of names and
 * constants. The layouts are those that py/emitnative.c of MicroPython 1.27.0 has compiled into native code.
 */
import { ConstFunctionTable, type RawCode } from '../../compiler/rawcode.ts';
import type { MpDict } from '../../objects/dict.ts';
import type { ModuleCode } from '../../vm/code.ts';
import type { Value } from '../../vm/value.ts';
import { CONTEXT_GLOBALS, CONTEXT_OBJECTS, CONTEXT_QSTRS } from '../native/runtime-table.ts';
import type { NativeMachine } from './native-machine.ts';
import { relocate } from './relocation.ts';

/** Code that has been put into memory. */
export interface PlacedCode {
  readonly address: number;
  readonly childTable: number;
  readonly code: Uint8Array;
}

interface Context {
  readonly address: number;
  /** The context and the table of constants, which hold objects. */
  readonly words: readonly Int32Array[];
}

export class ModuleMemory {
  private readonly placed = new WeakMap<RawCode, PlacedCode>();
  private readonly contexts = new WeakMap<ModuleCode, Map<MpDict, Context>>();
  /** Inner functions by the address of their description. */
  private readonly protos = new Map<number, { raw: RawCode; module: ModuleCode }>();
  private readonly kept: Int32Array[] = [];

  constructor(private readonly machine: NativeMachine) {}

  /** Everything that keeps objects: contexts and constants. */
  scanned(): Iterable<Int32Array> {
    return this.kept;
  }

  contextOf(module: ModuleCode, globals: MpDict): Context {
    let byGlobals = this.contexts.get(module);
    if (byGlobals === undefined) this.contexts.set(module, (byGlobals = new Map()));
    let context = byGlobals.get(globals);
    if (context === undefined) byGlobals.set(globals, (context = this.makeContext(module, globals)));
    return context;
  }

  private makeContext(module: ModuleCode, globals: MpDict): Context {
    const { machine } = this;
    const { words } = machine;
    const { qstrs, consts } = module.compiled;
    const names = Uint16Array.from(qstrs, text => words.qstr(text));
    const nameTable = machine.allocate(new Uint8Array(names.buffer));
    const { layout } = machine;
    const objects = layout.encode(
      module.consts.map((value, i) => (consts[i] instanceof ConstFunctionTable ? machine.functionTable : words.word(value as Value))),
    );
    const objectTable = machine.allocate(new Uint8Array(objects.buffer));
    const fields = [0, 0, 0, 0];
    fields[CONTEXT_GLOBALS] = words.pointer(globals);
    fields[CONTEXT_QSTRS] = nameTable;
    fields[CONTEXT_OBJECTS] = objectTable;
    const context = layout.encode(fields);
    this.kept.push(context, objects);
    return { address: machine.allocate(new Uint8Array(context.buffer)), words: [context, objects] };
  }

  /** Puts code into memory, and its inner functions into a table. */
  place(raw: RawCode, module: ModuleCode, globals: MpDict): PlacedCode {
    const known = this.placed.get(raw);
    if (known !== undefined) return known;
    const { machine } = this;
    const code = raw.code.slice();
    const address = machine.allocate(code);
    // The prelude's address comes behind the inner functions.
    const children = raw.children.map(child => this.protoOf(child, module));
    const table = machine.layout.encode([...children, address + (raw.native?.preludeOffset ?? 0)]);
    const childTable = machine.allocate(new Uint8Array(table.buffer));
    const placed = { address, childTable, code };
    this.placed.set(raw, placed);
    if (raw.native?.relocations !== undefined) relocate(machine, raw.native, placed, this.contextOf(module, globals).address);
    return placed;
  }

  private protoOf(raw: RawCode, module: ModuleCode): number {
    const address = this.machine.allocate(new Uint8Array(16));
    this.protos.set(address, { raw, module });
    return address;
  }

  proto(address: number): { raw: RawCode; module: ModuleCode } | undefined {
    return this.protos.get(address >>> 0);
  }
}
