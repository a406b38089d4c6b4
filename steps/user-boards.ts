/** Boards that a project defines itself. A definition is data: an object as `boards/` of the package holds, or a YAML file. */
import { checkBoard } from '../emulator/board/check-board.ts';
import { boardFrom } from '../targets/bench-file.ts';

const defined = new Map<string, object>();

/**
 * Makes a board known, so that "the board is a my-board" finds it.
 * @param definition a whole definition, or the path of a YAML file with one (`extends: pyboard-v1.1` and what differs)
 * @throws BoardDefinitionError that names the field, BenchFileError
 */
export function defineBoard(definition: object | string): void {
  const board = checkBoard(typeof definition === 'string' ? boardFrom(definition, process.cwd()) : definition);
  defined.set(board.name, board);
}

export function userBoard(name: string): object | undefined {
  return defined.get(name);
}

export function userBoardNames(): string[] {
  return [...defined.keys()];
}
