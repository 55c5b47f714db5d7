import type { ByteSource } from "../../bytes/source.ts";

/** One entry of a layer. */
export interface ImageFile {
  /** From the root, without a slash in front. */
  readonly path: string;
  readonly type: "file" | "folder" | "symlink" | "device" | "pipe";
  readonly mode: number;
  readonly uid: number;
  readonly hasCapabilities: boolean;
  readonly sizeBytes: number;
  /** Which layer it came with, from 0. */
  readonly layer: number;
  /** The bytes of a file; those of its target where it is a hard link. */
  readonly source?: ByteSource;
}

interface Node {
  file?: ImageFile;
  children?: Map<string, Node>;
}

/** A file system as layers make it: later entries replace earlier ones, whiteouts take them away. Each step costs what it touches. */
export class FileTree {
  private readonly root: Node = {};
  /** What a later layer took away or replaced: it can still be unpacked from its own layer. */
  readonly hidden: ImageFile[] = [];

  get(path: string): ImageFile | undefined {
    return this.find(path)?.file;
  }

  put(file: ImageFile): void {
    const node = this.make(file.path);
    if (node.file !== undefined && node.file.type !== "folder") this.hide(node.file, file.layer);
    if (file.type !== "folder" && file.type !== "symlink") this.hideBelow(node, file.layer);
    node.file = file;
  }

  /** A whiteout (OCI image-spec 1.1, layer): the entry and all below it. */
  remove(path: string, layer: number): void {
    const cut = path.lastIndexOf("/");
    const parent = cut === -1 ? this.root : this.find(path.slice(0, cut));
    const node = parent?.children?.get(path.slice(cut + 1));
    if (node === undefined) return;
    parent!.children!.delete(path.slice(cut + 1));
    if (node.file !== undefined) this.hide(node.file, layer);
    this.hideBelow(node, layer);
  }

  /** An opaque whiteout: all below a folder. */
  clear(path: string, layer: number): void {
    const node = path === "" ? this.root : this.find(path);
    if (node !== undefined) this.hideBelow(node, layer);
  }

  /** Every entry that is there in the end. */
  *files(): Generator<ImageFile> {
    const open = [this.root];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (node.file !== undefined) yield node.file;
      open.push(...[...(node.children?.values() ?? [])].toReversed());
    }
  }

  private hide(file: ImageFile, layer: number): void {
    if (file.type === "file" && file.layer !== layer) this.hidden.push(file);
  }

  private hideBelow(node: Node, layer: number): void {
    const open = [...(node.children?.values() ?? [])];
    delete node.children;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.file !== undefined) this.hide(next.file, layer);
      for (const child of next.children?.values() ?? []) open.push(child);
    }
  }

  private find(path: string): Node | undefined {
    let node: Node | undefined = this.root;
    for (const part of path.split("/")) node = node?.children?.get(part);
    return node;
  }

  private make(path: string): Node {
    let node = this.root;
    for (const part of path.split("/")) {
      node.children ??= new Map();
      let next = node.children.get(part);
      if (next === undefined) node.children.set(part, (next = {}));
      node = next;
    }
    return node;
  }
}
