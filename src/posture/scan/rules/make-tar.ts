/** A small ustar archive, for the fixtures of rules. */

export interface TarFixture {
  readonly name: string;
  readonly data: string;
  readonly type?: string;
  readonly link?: string;
  /** 0644 unless said otherwise. */
  readonly mode?: number;
  readonly uid?: number;
}

export function makeTar(entries: readonly TarFixture[]): Uint8Array {
  const blocks = entries.map(({ name, data, type = "0", link = "", mode = 0o644, uid = 0 }) => {
    const field = (text: string, length: number): string => text.padEnd(length, "\0");
    const short = (value: number): string => `${value.toString(8).padStart(7, "0")}\0`;
    const octal = (value: number): string => `${value.toString(8).padStart(11, "0")}\0`;
    const before = field(name, 100) + short(mode) + short(uid) + short(0) + octal(data.length) + octal(0);
    const after = `${field(type + link, 101)}ustar\x0000`.padEnd(356, "\0");
    const sum = [...before, ...after].reduce((total, char) => total + char.charCodeAt(0), 256);
    return `${before}${sum.toString(8).padStart(6, "0")}\0 ${after}${data.padEnd(Math.ceil(data.length / 512) * 512, "\0")}`;
  });
  return Uint8Array.from(blocks.join("") + "\0".repeat(1024), (char) => char.charCodeAt(0));
}
