/** Lines typed at the prompt, kept from one session to the next where the Unix executable keeps them (ports/unix/input.c). */
import { readFileSync, writeFileSync } from 'node:fs';

const SIZE = 50;

const historyFile = (): string | undefined => (process.env.HOME === undefined ? undefined : `${process.env.HOME}/.micropython.history`);

/** Newest first; nothing when there is no file that can be read. */
export function readHistory(): string[] {
  const file = historyFile();
  if (file === undefined) return [];
  let text: string;
  try {
    text = readFileSync(file, 'latin1');
  } catch {
    return [];
  }
  const lines: string[] = [];
  for (const line of text.split('\n')) if (line !== '' && line !== lines[0]) lines.unshift(line);
  return lines.slice(0, SIZE);
}

/** @param text lines with their ends, oldest first */
export function writeHistory(text: Uint8Array): void {
  const file = historyFile();
  if (file === undefined) return;
  try {
    writeFileSync(file, text, { mode: 0o644 });
  } catch {
    // A home that cannot be written to has no history, as in the reference.
  }
}
