import { crc32 } from "../unpack/checksum.ts";
import { raw } from "./raw.ts";

const u16 = (value: number): string => String.fromCharCode(value & 255, value >> 8);
const u32 = (value: number): string => u16(value & 0xffff) + u16(value >>> 16);

/** A ZIP archive of stored members, for fixtures. */
export function makeZip(members: readonly (readonly [name: string, data: string])[]): () => Uint8Array {
  let [local, central] = ["", ""];
  for (const [name, data] of members) {
    const facts = `${"\0".repeat(8)}${u32(crc32(raw(data)()))}${u32(data.length)}${u32(data.length)}${u16(name.length)}\0\0`;
    central += `PK\x01\x02\x14\0\x14\0${facts}\0\0${"\0".repeat(8)}${u32(local.length)}${name}`;
    local += `PK\x03\x04\x14\0${facts}${name}${data}`;
  }
  return raw(
    `${local}${central}PK\x05\x06\0\0\0\0${u16(members.length)}${u16(members.length)}${u32(central.length)}${u32(local.length)}\0\0`,
  );
}
