/**
 * What a project writes to give the board a module in TypeScript or JavaScript (`defineModule`): plain data and functions. It is published by
 * the package; what it means for the guest stands in `guest-module.ts`.
 *
 * Guest values never reach this code as they are, and JavaScript's objects never reach the guest: what crosses is converted, both ways.
 */

/** Virtual time, in ns. */
type Nanoseconds = number;

/** What a function of a module may return, and what it gets where a parameter is of type `any`. */
export type HostValue =
  | undefined
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly HostValue[]
  | ReadonlyMap<HostValue, HostValue>
  | GuestFunction
  | GuestObject
  | PyFloat
  | PyTuple;

/** A callable of the guest. */
export interface GuestFunction {
  /** Calls it and waits. @throws GuestError when it raises */
  call(...args: readonly HostValue[]): HostValue;
  /** Has it called soon, as `micropython.schedule` does. @returns false when the queue is full */
  schedule(argument: HostValue): boolean;
  /** Keeps it alive on the board's heap after the function that got it has returned, until the next soft reset. */
  keep(): GuestFunction;
  /** Ends `keep`. */
  release(): void;
}

/** An object of the guest that has no counterpart here: it can be handed back. */
export interface GuestObject {
  /** The name of its Python type. */
  readonly type: string;
}

const MARK = Symbol.for('boardspec.extension');

/** A number that is to be a Python float even where it has no fraction: `float(2)` is `2.0`. */
export class PyFloat {
  readonly [MARK] = 'float';
  constructor(readonly value: number) {}
}
export const float = (value: number): PyFloat => new PyFloat(value);

/** Values that are to be a Python tuple: an array becomes a list. */
export class PyTuple {
  readonly [MARK] = 'tuple';
  constructor(readonly items: readonly HostValue[]) {}
}
export const tuple = (...items: readonly HostValue[]): PyTuple => new PyTuple(items);

/**
 * Raises an exception on the board: `throw new GuestError('OSError', 19)`. Also what a `GuestFunction` throws when it raises; thrown on, the guest
 * gets its own exception back.
 */
export class GuestError extends Error {
  readonly [MARK] = 'error';
  override readonly name = 'GuestError';
  readonly args: readonly HostValue[];

  /** @param type a built-in exception's name, or one of the module's own `exceptions` */
  constructor(
    readonly type: string,
    ...args: readonly HostValue[]
  ) {
    super(args.length === 0 ? type : `${type}: ${args.map(String).join(', ')}`);
    this.args = args;
  }
}

/** Which of the marked classes a value is of. By a mark and not by its class, since a project may have a copy of the package of its own. */
export function markOf(value: unknown): 'float' | 'tuple' | 'error' | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as { [MARK]?: 'float' | 'tuple' | 'error' })[MARK];
}

interface HostTypes {
  any: HostValue;
  bool: boolean;
  /** An int that a JavaScript number holds exactly. */
  int: number;
  /** An int of any size. */
  bigint: bigint;
  float: number;
  str: string;
  /** Anything with bytes in it: a copy of them. */
  bytes: Uint8Array;
  list: HostValue[];
  tuple: HostValue[];
  dict: Map<HostValue, HostValue>;
  callable: GuestFunction;
}

/** A built-in type, or a class of the same module: `object:Counter`. */
export type ParameterType = keyof HostTypes | `object:${string}`;

export interface Parameter {
  readonly type: ParameterType;
  /** What it is when the guest gives none. Without it the parameter is required. */
  readonly default?: HostValue;
  readonly keywordOnly?: boolean;
  /** None is taken too, as `null`. */
  readonly orNone?: boolean;
  /** For numbers: outside of them the guest gets a ValueError. */
  readonly min?: number;
  readonly max?: number;
}

/** By name, in order: each may be given by position or by keyword. */
export type Parameters = Readonly<Record<string, ParameterType | Parameter>>;

type TypeOf<P> = P extends { readonly type: infer T } ? T : P;
// biome-ignore lint/suspicious/noExplicitAny: the state of an object is whatever its author's `create` returns
type OwnObject = any;
type HostOf<T> = T extends keyof HostTypes ? HostTypes[T] : OwnObject;
type NoneOf<P> = P extends { readonly orNone: true } | { readonly default: null } ? null : never;
export type Arguments<P extends Parameters> = { readonly [K in keyof P]: HostOf<TypeOf<P[K]>> | NoneOf<P[K]> };

/** What the guest gets. `auto` goes by the value: a whole number is an int, another one a float, an array a list, a Map a dict. */
export type ReturnType =
  | 'auto'
  | 'none'
  | 'bool'
  | 'int'
  | 'float'
  | 'str'
  | 'bytes'
  | 'bytearray'
  | 'list'
  | 'tuple'
  | 'dict'
  | `object:${string}`;

/** The board as a module sees it. */
export interface ModuleBoard {
  /** The board's kind: `pyboard-v1.1`. */
  readonly name: string;
  /** Virtual time since the bench was made, in ns. */
  readonly now: Nanoseconds;
  /** What the module wants to keep. A soft reset clears it; variables outside of it would outlive their scenario. */
  readonly memory: Map<string, unknown>;
  /** Lets virtual time pass; what is due in it happens. Not inside `after`. */
  spend(duration: Nanoseconds): void;
  /** A number from 0 to 1 (exclusive), from the bench's seeded generator. */
  random(): number;
  /** Prints at the board's prompt. */
  print(text: string): void;
  /** A pin by any of its names. @throws GuestError ValueError when there is none */
  pin(name: string): ModulePin;
  /** Calls `action` once, after that much virtual time, unless the board is reset before. Guest functions cannot be called there, but scheduled. */
  after(duration: Nanoseconds, action: () => void): void;
}

export interface ModulePin {
  /** The level on the pin now. */
  read(): 0 | 1;
  /** Makes it an output, and sets it. */
  write(level: 0 | 1): void;
  /** Makes it an input. */
  release(): void;
}

// biome-ignore lint/suspicious/noExplicitAny: what the arguments of a function are only its own parameters know
type OwnParameters = any;

export interface FunctionDefinition<P extends Parameters> {
  /** What it does, in a sentence. */
  readonly about?: string;
  readonly parameters?: P;
  readonly returns?: ReturnType;
  /** Virtual time that a call takes before it acts, beside that of the call itself. Default 0. */
  readonly cost?: Nanoseconds | ((args: Arguments<P>) => Nanoseconds);
  call(args: Arguments<P>, board: ModuleBoard): HostValue | OwnObject;
}

/** A function whose arguments have the types that its parameters say; for TypeScript alone. */
export function defineFunction<const P extends Parameters>(definition: FunctionDefinition<P>): FunctionDefinition<P> {
  return definition;
}

export interface MethodDefinition {
  readonly about?: string;
  readonly parameters?: Parameters;
  readonly returns?: ReturnType;
  readonly cost?: Nanoseconds | ((args: Record<string, OwnObject>) => Nanoseconds);
  call(self: OwnObject, args: Record<string, OwnObject>, board: ModuleBoard): HostValue | OwnObject;
}

export interface AttributeDefinition {
  readonly about?: string;
  /** Of what is read, and of what is stored. */
  readonly type?: Exclude<ParameterType, 'callable'>;
  get(self: OwnObject, board: ModuleBoard): HostValue | OwnObject;
  /** Absent: the guest cannot store it. */
  set?(self: OwnObject, value: OwnObject, board: ModuleBoard): void;
}

export interface ClassDefinition {
  readonly about?: string;
  /** Of the constructor. */
  readonly parameters?: Parameters;
  readonly cost?: Nanoseconds;
  /** Makes the object that the methods get as `self`. */
  create(args: Record<string, OwnObject>, board: ModuleBoard): object;
  /** By name. `__len__`, `__call__`, `__getitem__`, `__setitem__`, `__enter__` and `__exit__` mean what they mean in Python. */
  readonly methods?: Readonly<Record<string, MethodDefinition>>;
  readonly attributes?: Readonly<Record<string, AttributeDefinition>>;
  readonly constants?: Readonly<Record<string, HostValue>>;
  /** What `repr` prints. */
  repr?(self: OwnObject): string;
}

export interface ModuleDefinition {
  /** What the guest imports. */
  readonly name: string;
  readonly about?: string;
  /** A file of this name on `sys.path` takes preference. Default false. */
  readonly extensible?: boolean;
  readonly constants?: Readonly<Record<string, HostValue>>;
  /** By name; `defineFunction` gives the arguments of one their types. */
  readonly functions?: Readonly<Record<string, FunctionDefinition<OwnParameters>>>;
  readonly classes?: Readonly<Record<string, ClassDefinition>>;
  /** Exception types of its own: what each derives from. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

/** A definition that was checked, and the file that made it, as a URL. */
export interface DefinedModule {
  readonly file: string;
  readonly definition: ModuleDefinition;
}
