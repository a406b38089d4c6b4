/** A POSIX file tree in memory, into which other trees can be attached: the filesystem of a `unix` machine that sees no host. */
import {
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  type PosixEntry,
  type PosixFile,
  type PosixFiles,
  type PosixSpace,
  type PosixStatus,
} from './posix-files.ts';
import { EACCES, EBADF, EBUSY, EEXIST, EFBIG, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, StorageError } from './storage-error.ts';

const S_IFDIR = 0o040000;
const S_IFREG = 0o100000;
const DIRECTORY_MODE = S_IFDIR | 0o755;
const FILE_MODE = S_IFREG | 0o644;
const BLOCK = 4096;
/** Moving a file between trees. */
const EXDEV = 18;

class FileNode {
  bytes = new Uint8Array(0);
  size = 0;
  modified: number;
  constructor(
    readonly inode: number,
    now: number,
  ) {
    this.modified = now;
  }
}

class DirectoryNode {
  readonly entries = new Map<string, FileNode | DirectoryNode>();
  /** Another tree that is seen in its place. */
  attached: PosixFiles | undefined;
  modified: number;
  constructor(
    readonly inode: number,
    now: number,
  ) {
    this.modified = now;
  }
}
type Node = FileNode | DirectoryNode;

export class MemoryFiles implements PosixFiles {
  private inodes = 1;
  private used = 0;
  private readonly root: DirectoryNode;

  /** @param capacity bytes that all files together may have @param now seconds since 1970 */
  constructor(
    private readonly capacity = 64 << 20,
    private readonly now: () => number = () => 0,
  ) {
    this.root = new DirectoryNode(this.inodes++, now());
  }

  /** Shows another tree at `path`, making the directories on the way. */
  attach(path: string, files: PosixFiles): void {
    this.makeDirectories(path).attached = files;
  }

  /** Puts a file there, making the directories on the way. */
  put(path: string, bytes: Uint8Array): void {
    const at = path.lastIndexOf('/');
    const directory = this.makeDirectories(path.slice(0, at));
    const node = this.newFile();
    this.resize(node, bytes.length);
    node.bytes.set(bytes);
    directory.entries.set(path.slice(at + 1), node);
  }

  makeDirectories(path: string): DirectoryNode {
    let node = this.root;
    for (const name of path.split('/')) {
      if (name === '') continue;
      let next = node.entries.get(name);
      if (next === undefined) node.entries.set(name, (next = new DirectoryNode(this.inodes++, this.now())));
      if (!(next instanceof DirectoryNode)) throw new StorageError(ENOTDIR);
      node = next;
    }
    return node;
  }

  open(path: string, flags: number): PosixFile {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) return elsewhere.files.open(elsewhere.path, flags);
    const { directory, name } = this.parentOf(path);
    let node: Node | undefined = name === '' ? this.root : directory.entries.get(name);
    const writes = (flags & O_ACCMODE) !== 0;
    if (node === undefined) {
      if ((flags & O_CREAT) === 0) throw new StorageError(ENOENT);
      node = this.newFile();
      directory.entries.set(name, node);
      directory.modified = this.now();
    } else {
      if ((flags & O_CREAT) !== 0 && (flags & O_EXCL) !== 0) throw new StorageError(EEXIST);
      if (node instanceof DirectoryNode) {
        if (writes) throw new StorageError(EISDIR);
        return new OpenDirectory();
      }
      if ((flags & O_TRUNC) !== 0) this.resize(node, 0);
    }
    return new OpenMemoryFile(this, node, flags);
  }

  stat(path: string): PosixStatus {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) return elsewhere.files.stat(elsewhere.path);
    const node = this.find(path);
    const directory = node instanceof DirectoryNode;
    const time = Math.floor(node.modified);
    return {
      mode: directory ? DIRECTORY_MODE : FILE_MODE,
      inode: node.inode,
      device: 1,
      links: directory ? 2 : 1,
      user: 0,
      group: 0,
      size: directory ? BLOCK : node.size,
      accessed: time,
      modified: time,
      changed: time,
    };
  }

  *list(path: string): Iterable<PosixEntry> {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) {
      yield* elsewhere.files.list(elsewhere.path);
      return;
    }
    const node = this.find(path);
    if (!(node instanceof DirectoryNode)) throw new StorageError(ENOTDIR);
    for (const [name, child] of [...node.entries]) {
      yield { name, type: child instanceof DirectoryNode ? S_IFDIR : S_IFREG, inode: child.inode };
    }
  }

  makeDirectory(path: string): void {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) {
      elsewhere.files.makeDirectory(elsewhere.path);
      return;
    }
    const { directory, name } = this.parentOf(path);
    if (name === '' || directory.entries.has(name)) throw new StorageError(EEXIST);
    directory.entries.set(name, new DirectoryNode(this.inodes++, this.now()));
    directory.modified = this.now();
  }

  removeDirectory(path: string): void {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) {
      if (elsewhere.path === '/') throw new StorageError(EBUSY);
      elsewhere.files.removeDirectory(elsewhere.path);
      return;
    }
    const { directory, name } = this.parentOf(path);
    if (name === '') throw new StorageError(EBUSY);
    const node = directory.entries.get(name);
    if (node === undefined) throw new StorageError(ENOENT);
    if (!(node instanceof DirectoryNode)) throw new StorageError(ENOTDIR);
    if (node.entries.size > 0) throw new StorageError(ENOTEMPTY);
    directory.entries.delete(name);
    directory.modified = this.now();
  }

  unlink(path: string): void {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) {
      elsewhere.files.unlink(elsewhere.path);
      return;
    }
    const { directory, name } = this.parentOf(path);
    const node = name === '' ? this.root : directory.entries.get(name);
    if (node === undefined) throw new StorageError(ENOENT);
    if (node instanceof DirectoryNode) throw new StorageError(EISDIR);
    // An open file goes on using its node; its bytes are given back now, as if nobody had it open.
    this.used -= node.size;
    directory.entries.delete(name);
    directory.modified = this.now();
  }

  rename(from: string, to: string): void {
    const source = this.elsewhere(from);
    const target = this.elsewhere(to);
    if (source !== undefined || target !== undefined) {
      if (source === undefined || target === undefined || source.files !== target.files) throw new StorageError(EXDEV);
      source.files.rename(source.path, target.path);
      return;
    }
    const old = this.parentOf(from);
    const node = old.directory.entries.get(old.name);
    if (node === undefined) throw new StorageError(ENOENT);
    const place = this.parentOf(to);
    const existing = place.directory.entries.get(place.name);
    if (existing === node) return;
    if (node instanceof DirectoryNode && `${to}/`.startsWith(`${from}/`)) throw new StorageError(EINVAL);
    if (existing instanceof DirectoryNode) {
      if (!(node instanceof DirectoryNode)) throw new StorageError(EISDIR);
      if (existing.entries.size > 0) throw new StorageError(ENOTEMPTY);
    } else if (existing !== undefined) {
      if (node instanceof DirectoryNode) throw new StorageError(ENOTDIR);
      this.used -= existing.size;
    }
    old.directory.entries.delete(old.name);
    place.directory.entries.set(place.name, node);
    old.directory.modified = place.directory.modified = this.now();
  }

  space(path: string): PosixSpace {
    const elsewhere = this.elsewhere(path);
    if (elsewhere !== undefined) return elsewhere.files.space(elsewhere.path);
    this.find(path);
    const free = Math.floor((this.capacity - this.used) / BLOCK);
    return {
      blockSize: BLOCK,
      fragmentSize: BLOCK,
      blocks: Math.floor(this.capacity / BLOCK),
      freeBlocks: free,
      availableBlocks: free,
      files: 0,
      freeFiles: 0,
      availableFiles: 0,
      flags: 0,
      maxNameLength: 255,
    };
  }

  /** Changes a file's size, within the capacity. */
  resize(node: FileNode, size: number): void {
    if (this.used + size - node.size > this.capacity) throw new StorageError(size > this.capacity ? EFBIG : ENOSPC);
    if (size > node.bytes.length) {
      const grown = new Uint8Array(Math.max(size, Math.min(2 * node.bytes.length, this.capacity)));
      grown.set(node.bytes.subarray(0, node.size));
      node.bytes = grown;
    } else if (size < node.size) node.bytes.fill(0, size, node.size);
    this.used += size - node.size;
    node.size = size;
    node.modified = this.now();
  }

  private newFile(): FileNode {
    return new FileNode(this.inodes++, this.now());
  }

  /** The attached tree that a path leads into, and the path there. */
  private elsewhere(path: string): { files: PosixFiles; path: string } | undefined {
    let node: Node | undefined = this.root;
    const parts = path.split('/').filter(part => part !== '');
    for (let i = 0; ; i++) {
      if (!(node instanceof DirectoryNode)) return undefined;
      if (node.attached !== undefined) return { files: node.attached, path: `/${parts.slice(i).join('/')}` };
      if (i === parts.length) return undefined;
      node = node.entries.get(parts[i]);
    }
  }

  private find(path: string): Node {
    const { directory, name } = this.parentOf(path);
    const node = name === '' ? directory : directory.entries.get(name);
    if (node === undefined) throw new StorageError(ENOENT);
    return node;
  }

  private parentOf(path: string): { directory: DirectoryNode; name: string } {
    const parts = path.split('/').filter(part => part !== '');
    const name = parts.pop() ?? '';
    let directory = this.root;
    for (const part of parts) {
      const next = directory.entries.get(part);
      if (next === undefined) throw new StorageError(ENOENT);
      if (!(next instanceof DirectoryNode)) throw new StorageError(ENOTDIR);
      directory = next;
    }
    return { directory, name };
  }
}

class OpenMemoryFile implements PosixFile {
  private position = 0;
  private closed = false;
  constructor(
    private readonly files: MemoryFiles,
    private readonly node: FileNode,
    private readonly flags: number,
  ) {}

  read(into: Uint8Array): number {
    if (this.closed || (this.flags & O_ACCMODE) === O_WRONLY) throw new StorageError(EBADF);
    const { bytes, size } = this.node;
    const count = Math.max(0, Math.min(into.length, size - this.position));
    into.set(bytes.subarray(this.position, this.position + count));
    this.position += count;
    return count;
  }

  write(data: Uint8Array): number {
    if (this.closed || (this.flags & (O_WRONLY | O_RDWR)) === 0) throw new StorageError(EBADF);
    if ((this.flags & O_APPEND) !== 0) this.position = this.node.size;
    const end = this.position + data.length;
    if (end > this.node.size) this.files.resize(this.node, end);
    this.node.bytes.set(data, this.position);
    this.position = end;
    return data.length;
  }

  seek(offset: number, whence: number): number {
    const from = whence === 0 ? 0 : whence === 1 ? this.position : this.node.size;
    if (whence > 2 || from + offset < 0) throw new StorageError(EINVAL);
    return (this.position = from + offset);
  }

  sync(): void {}

  close(): void {
    this.closed = true;
  }
}

/** A directory that was opened for reading: it can be closed, no more. */
class OpenDirectory implements PosixFile {
  read(): number {
    throw new StorageError(EISDIR);
  }
  write(): number {
    throw new StorageError(EBADF);
  }
  seek(): number {
    throw new StorageError(EACCES);
  }
  sync(): void {}
  close(): void {}
}
