/** What a process is started for: the Unix executable's command line, taken apart (ports/unix/main.c). */

export interface HostMount {
  /** Folder of the host. */
  readonly host: string;
  /** Where the guest sees it: an absolute path. */
  readonly guest: string;
  readonly readonly: boolean;
}

export type ProcessAction =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly text: string }
  | { readonly kind: 'module'; readonly name: string }
  /** A program on standard input. */
  | { readonly kind: 'stdin'; readonly source: Uint8Array }
  | { readonly kind: 'repl' };

export interface ProcessJob {
  readonly action: ProcessAction;
  readonly argv: readonly string[];
  readonly sysPath: readonly string[];
  /** sys.executable */
  readonly executable: string;
  readonly optLevel: number;
  readonly emit: 'bytecode' | 'native' | 'viper';
  readonly compileOnly: boolean;
  /** -i: the prompt after the program. So does a variable MICROPYINSPECT in its environment when it has ended. */
  readonly inspect: boolean;
  readonly environment: ReadonlyMap<string, string>;
  /** Standard input is a terminal. */
  readonly terminal: boolean;
  /** How often -v was given. */
  readonly verbosity: number;
  /** Lines typed in earlier sessions, newest first. */
  readonly history: readonly string[];
  readonly mounts: readonly HostMount[];
  /** Current directory, absolute. */
  readonly directory: string;
}
