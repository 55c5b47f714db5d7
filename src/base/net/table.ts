/**
 * Longest-prefix match: a path-compressed binary trie (Morrison 1968, PATRICIA; as in the BSD routing table, Sklower 1991),
 * one for each family. A lookup walks at most one node for each stored prefix of the address, however many networks there are.
 */
import type { IpAddress } from "./address.ts";
import { commonBits, networkOf, type IpNetwork } from "./network.ts";

/** A network and what was stored for it. */
export interface TableEntry<Value> {
  readonly network: IpNetwork;
  readonly value: Value;
}

/** INVARIANT: a child's network lies inside its parent's and is longer; a node without an entry has two children. */
interface Node<Value> {
  readonly network: IpNetwork;
  entry: TableEntry<Value> | undefined;
  zero: Node<Value> | undefined;
  one: Node<Value> | undefined;
}

/** A map from networks to values that finds the entries around an address. */
export interface NetworkTable<Value> extends Iterable<TableEntry<Value>> {
  readonly size: number;
  set(network: IpNetwork, value: Value): void;
  /** The value stored for exactly this network. */
  get(network: IpNetwork): Value | undefined;
  delete(network: IpNetwork): boolean;
  /** The entry with the longest prefix that contains the address, and for which `accept` holds. */
  match(address: IpAddress, accept?: (value: Value) => boolean): TableEntry<Value> | undefined;
}

/**
 * @example
 * const table = createNetworkTable<string>();
 * table.set(parseNetwork("10.0.0.0/8"), "private");
 * table.match(parseAddress("10.1.2.3"))?.value; // "private"
 */
export function createNetworkTable<Value>(): NetworkTable<Value> {
  const roots = new Map<4 | 6, Node<Value>>();
  let size = 0;

  return {
    get size() {
      return size;
    },
    set(network, value) {
      const entry = { network, value };
      const root = roots.get(network.family);
      if (!find(root, network)?.entry) size++;
      roots.set(network.family, insert(root, entry));
    },
    get: (network) => find(roots.get(network.family), network)?.entry?.value,
    delete(network) {
      const root = roots.get(network.family);
      if (!find(root, network)?.entry) return false;
      size--;
      const left = remove(root!, network);
      if (left) roots.set(network.family, left);
      else roots.delete(network.family);
      return true;
    },
    match: (address, accept) => matchIn(roots.get(address.family), address.bytes, accept),
    *[Symbol.iterator]() {
      for (const root of roots.values()) yield* entriesOf(root);
    },
  };
}

function bit(bytes: Uint8Array, at: number): 0 | 1 {
  return ((bytes[at >> 3]! >> (7 - (at & 7))) & 1) as 0 | 1;
}

function branch<Value>(node: Node<Value>, bytes: Uint8Array): Node<Value> | undefined {
  return bit(bytes, node.network.prefix) === 0 ? node.zero : node.one;
}

function attach<Value>(parent: Node<Value>, bytes: Uint8Array, child: Node<Value> | undefined): void {
  if (bit(bytes, parent.network.prefix) === 0) parent.zero = child;
  else parent.one = child;
}

function matchIn<Value>(
  root: Node<Value> | undefined,
  bytes: Uint8Array,
  accept: ((value: Value) => boolean) | undefined,
): TableEntry<Value> | undefined {
  let best: TableEntry<Value> | undefined;
  let node = root;
  let checked = 0; // whole bytes that the parent's prefix has already compared
  while (node && commonBits(node.network.bytes, bytes, checked) >= node.network.prefix) {
    if (node.entry && (!accept || accept(node.entry.value))) best = node.entry;
    if (node.network.prefix === bytes.length * 8) break;
    checked = node.network.prefix >> 3;
    node = branch(node, bytes);
  }
  return best;
}

function find<Value>(root: Node<Value> | undefined, network: IpNetwork): Node<Value> | undefined {
  let node = root;
  while (node && node.network.prefix <= network.prefix && commonBits(node.network.bytes, network.bytes) >= node.network.prefix) {
    if (node.network.prefix === network.prefix) return node;
    node = branch(node, network.bytes);
  }
  return undefined;
}

/** Returns the root of the tree that now holds the entry. */
function insert<Value>(node: Node<Value> | undefined, entry: TableEntry<Value>): Node<Value> {
  const { network } = entry;
  if (!node) return { network, entry, zero: undefined, one: undefined };
  const shared = Math.min(commonBits(node.network.bytes, network.bytes), node.network.prefix, network.prefix);

  if (shared === node.network.prefix) {
    if (shared === network.prefix) node.entry = entry;
    else attach(node, network.bytes, insert(branch(node, network.bytes), entry));
    return node;
  }
  const holdsEntry = shared === network.prefix;
  const parent: Node<Value> = {
    network: networkOf(network, shared),
    entry: holdsEntry ? entry : undefined,
    zero: undefined,
    one: undefined,
  };
  attach(parent, node.network.bytes, node);
  if (!holdsEntry) attach(parent, network.bytes, insert(undefined, entry));
  return parent;
}

/** Takes out an entry that is there, and folds away the node that no longer parts anything. */
function remove<Value>(node: Node<Value>, network: IpNetwork): Node<Value> | undefined {
  if (node.network.prefix === network.prefix) node.entry = undefined;
  else attach(node, network.bytes, remove(branch(node, network.bytes)!, network));
  return node.entry || (node.zero && node.one) ? node : (node.zero ?? node.one);
}

function* entriesOf<Value>(node: Node<Value>): Iterable<TableEntry<Value>> {
  if (node.entry) yield node.entry;
  if (node.zero) yield* entriesOf(node.zero);
  if (node.one) yield* entriesOf(node.one);
}
