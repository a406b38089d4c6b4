/** Files as imports see them: what a path names, and what is in it (mp_vfs_import_stat, extmod/vfs_reader.c). */

import { bufferMaybe } from '../../objects/buffer.ts';
import { guestMemory } from '../../objects/guest-memory.ts';
import { newStr } from '../../objects/new-str.ts';
import { closeStream, StreamOp, StreamRequest, streamOfChecked } from '../../objects/stream.ts';
import { encodeUtf8 } from '../../objects/utf8.ts';
import { S_IFDIR } from '../../storage/filesystem.ts';
import { callMethod } from '../../vm/call.ts';
import { arrayItems } from '../../vm/iteration.ts';
import { toInt } from '../../vm/operators.ts';
import { Raise, raiseOSError } from '../../vm/raise.ts';
import { BufferFlag, typeOf } from '../../vm/type.ts';
import { vm } from '../../vm/vm.ts';
import { MpFilesystem } from './filesystem-object.ts';
import { lookUp, mountTable, ROOT } from './mounts.ts';
import { openPath } from './operations.ts';
import { posixImportStat, vfsPosixType } from './posix.ts';
import { romImportStat, vfsRomType } from './rom.ts';

export type ImportStat = 'none' | 'file' | 'dir';

const KINDS = { none: 'none', file: 'file', directory: 'dir' } as const;

const nothingMounted = () => mountTable().mounts.length === 0;

export function importStat(path: string): ImportStat {
  if (nothingMounted()) return vm.port.importStat?.(path) ?? 'none';
  const { where, path: inside } = lookUp(path);
  if (where === undefined || where === ROOT) return 'none';
  const { filesystem } = where;
  if (filesystem instanceof MpFilesystem) return KINDS[filesystem.filesystem.kindOf(encodeUtf8(inside))];
  const type = typeOf(filesystem);
  if (type === vfsPosixType) return posixImportStat(filesystem, inside);
  if (type === vfsRomType) return romImportStat(filesystem, inside);
  try {
    const items = arrayItems(callMethod(filesystem, 'stat', [newStr(inside)]));
    return (toInt(items[0]) & S_IFDIR) !== 0 ? 'dir' : 'file';
  } catch (error) {
    // Whatever goes wrong there means that there is no such file.
    if (error instanceof Raise) return 'none';
    throw error;
  }
}

/** The whole of a file. Raises what opening or reading it raises. */
export function readImportedFile(path: string): Uint8Array {
  if (nothingMounted() && vm.port.readFile !== undefined) return vm.port.readFile(path);
  const stream = openPath([newStr(path), 'rb'], null);
  const { read, ioctl } = streamOfChecked(stream, StreamOp.Read);
  const mapped = bufferMaybe(stream, BufferFlag.Read);
  if (mapped !== undefined) {
    guestMemory().addRom(mapped.bytes);
    return mapped.bytes;
  }
  const wanted = ioctl?.(stream, StreamRequest.GetBufferSize, 0) ?? 0;
  const size = wanted <= 0 ? defaultBuffer() : Math.min(MAX_BUFFER, Math.max(minBuffer(), wanted));
  const chunks: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(size);
    const n = read!(stream, chunk);
    // A failure later on counts as the end.
    if (n < 0 && chunks.length === 0) raiseOSError(-n);
    if (n > 0) chunks.push(chunk.subarray(0, n));
    if (n < size) break;
  }
  closeStream(stream);
  return joined(chunks);
}

/** Bytes of the reader's buffer: what fits one or two blocks of the heap beside its other fields, unless the stream asks for more. */
const MAX_BUFFER = 255;
const minBuffer = () => 4 * vm.wordSize - vm.wordSize - 3;
const defaultBuffer = () => 8 * vm.wordSize - vm.wordSize - 3;

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
