/** A mail as a vector: what the spam filter's model takes. The same in training, in the gateway and in a browser. */

import { hashedVector } from "../../../model/data/index.ts";
import { size } from "./look.ts";

/** What a filter looks at in a mail: a `SeenMail`, or what is known of one. */
export interface MailView {
  readonly subject: string;
  /** The visible text, that of the pictures included. */
  readonly body: string;
  /** Hosts that its links lead to. */
  readonly links?: readonly string[];
  /** What its page is made of. */
  readonly marks?: readonly string[];
  readonly pictures?: readonly { readonly text: string }[];
}

/** Each kind of feature has places of its own and the length `weight`: a few links count beside a thousand words. */
const kinds = [
  { features: piecesOf, size: 2 ** 14, weight: 1 },
  { features: wordsOf, size: 2 ** 13, weight: 1 },
  { features: hostsOf, size: 2 ** 12, weight: 0.5 },
  { features: looksOf, size: 2 ** 12, weight: 0.5 },
] as const;

/** Numbers of the vector. */
export const mailVectorSize = 32_768;

/** Words of a long mail that count; its beginning says what it wants. */
const maxWords = 1500;
const maxLetters = 100_000;

/**
 * Letters in a row inside words, three to five of them, since half of a torn or misread word is still known, as it is in pictures; words and pairs
 * of words; the hosts of links; and how the mail looks. Subject and body are told apart. Numbers are told apart by their length alone: the ones
 * that a filter learns by heart are those that the next sender changes.
 */
export function mailVector(mail: MailView): Float32Array {
  const out = new Float32Array(mailVectorSize);
  const parts = partsOf(mail);
  let at = 0;
  for (const kind of kinds) {
    const own = hashedVector(kind.features(mail, parts), kind);
    for (let i = 0; i < own.length; i++) out[at + i] = kind.weight * own[i]!;
    at += kind.size;
  }
  return out;
}

/** Subject or body: its words, and those that are all in capitals. */
interface Part {
  readonly name: string;
  readonly words: readonly string[];
  readonly loud: readonly string[];
}

const partsOf = ({ subject, body }: MailView): readonly Part[] => [partOf("s", subject), partOf("b", body)];

function partOf(name: string, text: string): Part {
  const bare = text
    .slice(0, maxLetters)
    .replace(/https?:\/\/\S+|www\.\S+/gi, " httpaddr ")
    .replace(/[^\s@]{0,64}@\S+/g, " mailaddr ");
  const words = bare.toLowerCase().match(/\p{L}+|\p{N}+|[!$%?]+/gu) ?? [];
  const loud = bare.match(/(?<![\p{L}\p{N}])\p{Lu}{3,20}(?![\p{L}\p{N}])/gu) ?? [];
  return {
    name,
    words: words
      .slice(0, maxWords)
      .map((word) => (/^\p{N}/u.test(word) ? `number${Math.min(word.length, 6)}` : word.slice(0, 24))),
    loud: loud.slice(0, 200).map((word) => word.toLowerCase()),
  };
}

function* piecesOf(_mail: MailView, parts: readonly Part[]): Generator<string> {
  for (const { name, words, loud } of parts) {
    for (const word of loud) yield `${name}:loud ${word}`;
    for (const word of words) {
      const bounded = `<${word}>`;
      for (let letters = 3; letters <= 5; letters++) {
        for (let at = 0; at + letters <= bounded.length; at++) yield `${name}#${bounded.slice(at, at + letters)}`;
      }
    }
  }
}

function* wordsOf(_mail: MailView, parts: readonly Part[]): Generator<string> {
  for (const { name, words } of parts) {
    for (const [i, word] of words.entries()) {
      yield `${name} ${word}`;
      if (i > 0) yield `${name} ${words[i - 1]!} ${word}`;
    }
  }
}

/** Names inside hosts, the host's own domain, and its country or kind. */
function* hostsOf({ links = [] }: MailView): Generator<string> {
  for (const host of links) {
    const names = host.split(".");
    yield /^[\d.]+$/.test(host) ? "bare address" : `kind ${names.at(-1)!}`;
    yield `domain ${names.slice(-2).join(".")}`;
    for (const name of names) yield name;
  }
}

function* looksOf({ subject, body, marks = [], pictures = [] }: MailView): Generator<string> {
  yield* marks;
  const [letters, capitals] = [body.match(/\p{L}/gu)?.length ?? 0, body.match(/\p{Lu}/gu)?.length ?? 0];
  yield `length ${size(body.length)}`;
  yield `capitals ${Math.floor((10 * capitals) / (letters + 1))}`;
  yield `calls ${size(body.split("!").length - 1)}`;
  yield `money ${size(body.split("$").length - 1)}`;
  yield `quoted ${/^>/m.test(body)}`;
  yield `answer ${/^\s*re:/i.test(subject)}`;
  if (pictures.length === 0) return;
  // How much is said in pictures, and whether that is more than what is said in letters.
  const [said, all] = [pictures.reduce((sum, { text }) => sum + countWords(text), 0), countWords(body)];
  yield `pictured words ${size(said)}`;
  yield `pictured share ${Math.floor((10 * said) / (all + 1))}`;
}

const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0;
