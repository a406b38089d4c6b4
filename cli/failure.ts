import { typeScriptHint } from '../emulator/session/typescript.ts';

/** An error that a person made or can mend: shown as one line, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

const expected = new Set([
  'CommandFailure',
  'UnknownTargetError',
  'UnknownBoardError',
  'TargetError',
  'SessionError',
  'BadStep',
  'BenchFileError',
  'BoardDefinitionError',
  'FirmwareBuildError',
  'ModuleDefinitionError',
  'FirmwareFileError',
  'ManifestError',
  'NoBootloaderError',
]);

/** Ends the command: one clear line on stderr, and a non-zero exit code. A defect of ours shows its stack. */
export function reportFailure(error: unknown): void {
  const failure = error instanceof Error ? error : new Error(String(error));
  const hint = /Unknown file extension "\.[cm]?ts"/.test(failure.message) ? `; ${typeScriptHint}` : '';
  if (expected.has(failure.name) || 'code' in failure) console.error(`boardspec: ${failure.message}${hint}`);
  else console.error(`boardspec: ${failure.stack ?? failure.message}`);
  process.exitCode = failure instanceof CommandFailure ? failure.exitCode : 1;
}
