/** DER (X.690), as much as certificates need: definite lengths, low tag numbers, nothing that a shorter form could say. */

import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

export interface DerElement {
  /** Identifier octet: class, constructed bit and number. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** Header and content. */
  readonly whole: Uint8Array;
}

/**
 * The elements that follow each other in some bytes.
 * @throws `sign/bad-certificate` when they are not DER
 */
export function derElements(bytes: Uint8Array): DerElement[] {
  const elements: DerElement[] = [];
  for (let at = 0; at < bytes.length;) {
    const element = elementAt(bytes, at);
    elements.push(element);
    at += element.whole.length;
  }
  return elements;
}

/** The one element that the bytes are. */
export function derElement(bytes: Uint8Array, tag: number): DerElement {
  const element = elementAt(bytes, 0);
  if (element.whole.length !== bytes.length || element.tag !== tag) throw badDer("has an element of another kind than it should");
  return element;
}

function elementAt(bytes: Uint8Array, start: number): DerElement {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw badDer("ends early");
  if ((tag & 0x1f) === 0x1f) throw badDer("has a tag number above 30");
  let at = start + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4 || at + octets > bytes.length) throw badDer("has a length that is not definite");
    length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + bytes[at++]!;
    if (length < 0x80 || length < 256 ** (octets - 1)) throw badDer("has a length that is not the shortest");
  }
  if (at + length > bytes.length) throw badDer("ends early");
  return { tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) };
}

/** An object identifier in dotted form. */
export function oidText(content: Uint8Array): string {
  const parts: number[] = [];
  let value = 0;
  for (const [index, byte] of content.entries()) {
    if (value > 2 ** 40) throw badDer("has an object identifier that is too large");
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) {
      if (index === content.length - 1) throw badDer("ends inside an object identifier");
      continue;
    }
    if (parts.length === 0) {
      const root = Math.min(2, Math.floor(value / 40));
      parts.push(root, value - 40 * root);
    } else parts.push(value);
    value = 0;
  }
  return parts.join(".");
}

export function badDer(what: string): ModelkeepError {
  return new ModelkeepError("sign/bad-certificate", {
    message: `the certificate ${what}`,
    hint: "give an X.509 certificate in DER or PEM form",
    exit: 4,
  });
}
