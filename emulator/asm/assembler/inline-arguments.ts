/** What the inline assemblers of all architectures share: errors, labels by name, and reading numbers from the parse tree. */
import type { AssemblerEmitter, EmitContext } from '../../compiler/emitter.ts';
import { Pass } from '../../compiler/emitter.ts';
import { CONST_OBJECT, isName, LEAF_INTEGER, type Node, type ParseNode } from '../../compiler/parse-node.ts';
import type { Qstr } from '../../compiler/qstr-pool.ts';
import type { NativeInfo } from '../../compiler/rawcode.ts';
import type { MachineCode } from './machine-code.ts';

/** The integer that a node stands for, or null. */
export function integerOf(node: Node): bigint | null {
  if (node === null || (node.kind !== LEAF_INTEGER && node.kind !== CONST_OBJECT)) return null;
  return typeof node.value === 'number' || typeof node.value === 'bigint' ? BigInt(node.value) : null;
}

export abstract class InlineAssembler<Code extends MachineCode> implements AssemblerEmitter {
  protected pass = Pass.Scope;
  protected readonly labels = new Map<Qstr, number>();
  /** Of several errors in one instruction the last one counts. */
  private pending: string | null = null;
  private parameters = 0;
  private typeSignature = 0;

  constructor(
    protected readonly context: EmitContext,
    protected readonly out: Code,
    private readonly arch: number,
  ) {}

  protected abstract begin(): void;
  protected abstract end(): void;
  protected abstract assemble(name: string, args: readonly Node[]): void;
  /** Checks the names of the parameters; reports an error through `fail`. */
  protected abstract checkParameters(parameters: readonly Node[]): boolean;

  protected fail(message: string): void {
    this.pending = message;
  }

  private report(): void {
    if (this.pending !== null) this.context.error('SyntaxError', this.pending);
    this.pending = null;
  }

  protected textOf(node: Node): string {
    return isName(node) ? this.context.pool.text(node.arg) : '';
  }

  startPass(pass: Pass): void {
    this.pass = pass;
    if (pass === Pass.CodeSize) this.labels.clear();
    this.out.startPass(pass === Pass.Emit);
    this.begin();
  }

  countParameters(parameters: readonly Node[]): number {
    this.parameters = this.checkParameters(parameters) ? parameters.length : 0;
    this.report();
    return this.parameters;
  }

  label(label: number, name: Qstr): boolean {
    if (this.pass === Pass.CodeSize && this.labels.has(name)) return false;
    this.labels.set(name, label);
    this.out.assignLabel(label);
    return true;
  }

  align(bytes: number): void {
    this.out.align(bytes);
  }

  data(bytes: number, value: number | bigint): void {
    this.out.data(bytes, value);
  }

  op(name: Qstr, args: readonly Node[], _node: ParseNode): void {
    this.assemble(this.context.pool.text(name), args);
    this.report();
  }

  endPass(typeSignature: number): void {
    this.typeSignature = typeSignature;
    this.end();
  }

  code(): { code: Uint8Array; native: NativeInfo } {
    return { code: this.out.bytes, native: { arch: this.arch, nPosArgs: this.parameters, typeSig: this.typeSignature } };
  }
}
