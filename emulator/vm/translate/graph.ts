/**
 * The basic blocks that can be reached from one instruction of a function, and how they nest: what JavaScript, which knows no goto, needs to
 * have them written as loops and labelled blocks (after N. Ramsey, "Beyond Relooper", ICFP 2022).
 */

export interface Block {
  /** Its first instruction, and the one behind its last. */
  readonly start: number;
  readonly end: number;
  readonly successors: Block[];
  readonly predecessors: Block[];
  /** Its place in reverse postorder. */
  order: number;
  /** The block through which every way from the entry to this one leads last. */
  dominator: Block | undefined;
  /** The blocks of the loop that begins here, itself included. */
  loop: Set<Block> | undefined;
  /** The blocks that are written behind this one, in reverse postorder: what leads to them breaks out of a labelled block. */
  readonly followers: Block[];
  /** It is among some block's followers. Any other block is written where the one jump to it is. */
  follows: boolean;
}

/**
 * The blocks from `entry` on. `endOf` tells where a block that begins at an instruction ends, `successorsOf` where it goes on from there.
 * Undefined where a loop has more than one way in.
 */
export function graphFrom(
  entry: number,
  endOf: (start: number) => number,
  successorsOf: (end: number) => readonly number[],
): Block | undefined {
  const root = reach(entry, endOf, successorsOf);
  const blocks = inReversePostorder(root);
  findDominators(blocks);
  for (const block of blocks) {
    for (const target of block.successors) {
      if (target.order > block.order) continue;
      if (!dominates(target, block)) return undefined;
      addToLoop(target, block);
    }
  }
  for (const block of blocks) if (block !== root) place(block);
  return root;
}

/** Does every way to `block` lead through `other`? */
function dominates(other: Block, block: Block): boolean {
  let at: Block | undefined = block;
  while (at !== undefined && at.order > other.order) at = at.dominator;
  return at === other;
}

function reach(entry: number, endOf: (start: number) => number, successorsOf: (end: number) => readonly number[]): Block {
  const known = new Map<number, Block>();
  const make = (start: number): Block => {
    const block: Block = {
      start,
      end: endOf(start),
      successors: [],
      predecessors: [],
      order: -1,
      dominator: undefined,
      loop: undefined,
      followers: [],
      follows: false,
    };
    known.set(start, block);
    return block;
  };
  const root = make(entry);
  const todo = [root];
  for (let block = todo.pop(); block !== undefined; block = todo.pop()) {
    for (const start of successorsOf(block.end)) {
      let target = known.get(start);
      if (target === undefined) todo.push((target = make(start)));
      block.successors.push(target);
      target.predecessors.push(block);
    }
  }
  return root;
}

function inReversePostorder(root: Block): Block[] {
  const postorder: Block[] = [];
  const seen = new Set([root]);
  const path: [Block, number][] = [[root, 0]];
  while (path.length > 0) {
    const top = path[path.length - 1];
    const [block, next] = top;
    if (next === block.successors.length) {
      postorder.push(block);
      path.pop();
      continue;
    }
    top[1]++;
    const target = block.successors[next];
    if (seen.has(target)) continue;
    seen.add(target);
    path.push([target, 0]);
  }
  const blocks = postorder.reverse();
  for (const [order, block] of blocks.entries()) block.order = order;
  return blocks;
}

/** K. Cooper, T. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm". */
function findDominators(blocks: readonly Block[]): void {
  const [root] = blocks;
  root.dominator = root;
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of blocks) {
      if (block === root) continue;
      let found: Block | undefined;
      for (const predecessor of block.predecessors) {
        if (predecessor.dominator === undefined) continue;
        let other = predecessor;
        while (found !== undefined && found !== other) {
          while (found.order > other.order) found = found.dominator!;
          while (other.order > found.order) other = other.dominator!;
        }
        found = other;
      }
      if (found === block.dominator) continue;
      block.dominator = found;
      changed = true;
    }
  }
  root.dominator = undefined;
}

/** The loop that `last` closes by a jump to `header`. */
function addToLoop(header: Block, last: Block): void {
  header.loop ??= new Set([header]);
  const todo = [last];
  for (let block = todo.pop(); block !== undefined; block = todo.pop()) {
    if (header.loop.has(block)) continue;
    header.loop.add(block);
    todo.push(...block.predecessors);
  }
}

/** Behind what a block is written, if not where the jump to it is: behind the outermost loop that is left for it, or where several ways meet. */
function place(block: Block): void {
  const from = block.dominator!;
  let behind: Block | undefined;
  for (let at: Block | undefined = from; at !== undefined; at = at.dominator) {
    if (at.loop?.has(from) && !at.loop.has(block)) behind = at;
  }
  if (behind === undefined && block.predecessors.filter(other => other.order < block.order).length > 1) behind = from;
  if (behind === undefined) return;
  block.follows = true;
  behind.followers.push(block);
}
