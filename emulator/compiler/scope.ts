/**
 * Scopes (modules, classes, functions, lambdas and comprehensions) and what each name means in them (py/scope.c of MicroPython
 * 1.27.0).
 */
import type { ParseNode } from './parse-node.ts';
import { Q, type Qstr } from './qstr-pool.ts';
import { type RawCode, SCOPE_FLAG_REFGLOBALS } from './rawcode.ts';

export enum NameKind {
  Undecided,
  GlobalImplicit,
  GlobalImplicitAssigned,
  GlobalExplicit,
  /** Written and read by this scope alone. */
  Local,
  /** Also used by inner scopes. */
  Cell,
  /** A cell of an outer scope. */
  Free,
}

export const NAME_IS_PARAMETER = 0x01;
export const NAME_IS_STAR_PARAMETER = 0x02;
export const NAME_IS_DOUBLE_STAR_PARAMETER = 0x04;
/** Viper: the type of a parameter stands above this bit. */
export const NAME_VIPER_TYPE_SHIFT = 4;

export class NameInfo {
  flags = 0;
  /** Number of a local, cell or free variable in the function's state. */
  localNumber = 0;

  constructor(
    public kind: NameKind,
    readonly name: Qstr,
  ) {}
}

export enum ScopeKind {
  Module,
  Class,
  Lambda,
  ListComprehension,
  DictComprehension,
  SetComprehension,
  GeneratorExpression,
  Function,
}

/** How a function's code is to be made; asked for with a decorator, or by the compiler's default. */
export enum EmitOption {
  None,
  Bytecode,
  NativePython,
  Viper,
  Assembler,
}

export const isComprehension = (kind: ScopeKind): boolean => kind >= ScopeKind.ListComprehension && kind <= ScopeKind.GeneratorExpression;

/** Scopes whose names are fast locals. */
export const isFunctionLike = (kind: ScopeKind): boolean => kind >= ScopeKind.Lambda;

const VIPER_CASTS: ReadonlySet<Qstr> = new Set([Q.int, Q.uint, Q.ptr, Q.ptr8, Q.ptr16, Q.ptr32]);

const NAMES = [Q.module, 0, Q.lambda, Q.listcomp, Q.dictcomp, Q.setcomp, Q.genexpr];

/** From this many names on, a scope looks them up in a map. */
const MANY_NAMES = 12;

export class Scope {
  readonly simpleName: Qstr;
  /** The names, in order of first appearance; parameters come first. */
  readonly names: NameInfo[] = [];
  private index: Map<Qstr, NameInfo> | null = null;

  flags = 0;
  numPosArgs = 0;
  numKwOnlyArgs = 0;
  numDefPosArgs = 0;
  numLocals = 0;
  /** Deepest value stack and exception stack. */
  stackSize = 0;
  exceptionStackSize = 0;
  /** Filled in when the scope is compiled. */
  rawCode: RawCode | null = null;
  /** Scopes whose functions this one makes, in the order of its child table. */
  readonly children: Scope[] = [];

  constructor(
    readonly kind: ScopeKind,
    readonly node: ParseNode,
    readonly emit: EmitOption,
    readonly parent: Scope | null,
  ) {
    this.simpleName = kind === ScopeKind.Function || kind === ScopeKind.Class ? node.nodes[0]!.arg : NAMES[kind]!;
  }

  find(name: Qstr): NameInfo | undefined {
    if (this.index !== null) return this.index.get(name);
    const { names } = this;
    for (let i = 0; i < names.length; i++) if (names[i]!.name === name) return names[i];
    return undefined;
  }

  /** The name as the scope knows it, or as it gets to know it now. */
  findOrAdd(name: Qstr, kind: NameKind): NameInfo {
    const found = this.find(name);
    if (found !== undefined) return found;
    const added = new NameInfo(kind, name);
    this.names.push(added);
    if (this.index !== null) this.index.set(name, added);
    else if (this.names.length > MANY_NAMES) this.index = new Map(this.names.map(info => [info.name, info]));
    return added;
  }

  findGlobal(name: Qstr): NameInfo | undefined {
    let scope: Scope = this;
    while (scope.parent !== null) scope = scope.parent;
    return scope.find(name);
  }

  /** Makes an implicit global a free variable when a function around has it. */
  checkToCloseOver(info: NameInfo): void {
    if (this.parent === null) return;
    for (let scope: Scope = this.parent; scope.parent !== null; scope = scope.parent) {
      const outer = scope.find(info.name);
      if (outer === undefined) continue;
      if (outer.kind === NameKind.Local || outer.kind === NameKind.Cell || outer.kind === NameKind.Free) {
        info.kind = NameKind.Free;
        this.closeOverInParents(info.name);
      }
      return;
    }
  }

  private closeOverInParents(name: Qstr): void {
    for (let scope: Scope = this.parent!; ; scope = scope.parent!) {
      const info = scope.findOrAdd(name, NameKind.Undecided);
      if (info.kind === NameKind.Undecided) {
        info.kind = NameKind.Free;
      } else {
        if (info.kind === NameKind.Local) info.kind = NameKind.Cell;
        return;
      }
    }
  }

  /** Numbers the locals: free variables first, then parameters and locals, then cells. */
  numberNames(): void {
    this.moveStarParameter();
    const { names } = this;
    this.numLocals = 0;
    for (const info of names) {
      // A class's own cell is made only when a method uses it.
      if (this.kind === ScopeKind.Class && info.name === Q.__class__) continue;
      if (isFunctionLike(this.kind) && info.kind === NameKind.GlobalImplicit) info.kind = NameKind.GlobalExplicit;
      // In viper the name of a native type is a cast, not a global.
      if (info.kind === NameKind.GlobalExplicit && !(this.emit === EmitOption.Viper && VIPER_CASTS.has(info.name)))
        this.flags |= SCOPE_FLAG_REFGLOBALS;
      if (info.kind === NameKind.Local || (info.flags & NAME_IS_PARAMETER) !== 0) info.localNumber = this.numLocals++;
    }
    for (const info of names) {
      if (info.kind === NameKind.Cell && (info.flags & NAME_IS_PARAMETER) === 0) info.localNumber = this.numLocals++;
    }
    if (this.parent === null) return;
    let free = 0;
    for (const outer of this.parent.names) {
      if (outer.kind !== NameKind.Cell && outer.kind !== NameKind.Free) continue;
      const info = this.find(outer.name);
      if (info !== undefined && info.kind === NameKind.Free) info.localNumber = free++;
    }
    if (free === 0) return;
    for (const info of names) {
      if (info.kind !== NameKind.Free || (info.flags & NAME_IS_PARAMETER) !== 0) info.localNumber += free;
    }
    this.numPosArgs += free;
    this.numLocals += free;
  }

  /** `*args` follows all other parameters but `**kwargs`. */
  private moveStarParameter(): void {
    const { names } = this;
    let last = -1;
    for (let i = names.length - 1; i >= 0; i--) {
      const { flags } = names[i]!;
      if ((flags & NAME_IS_STAR_PARAMETER) !== 0) {
        if (last >= 0) [names[last], names[i]] = [names[i]!, names[last]!];
        return;
      }
      if (last < 0 && flags === NAME_IS_PARAMETER) last = i;
    }
  }
}
