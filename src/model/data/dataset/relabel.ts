/** Classes by name, where data and model number them differently. */

import { nearest, quote } from "../../../base/error/index.ts";
import { malformed } from "../refuse.ts";
import type { Column } from "./column.ts";
import { tensorColumn } from "./column.ts";
import type { IndexedDataset } from "./dataset.ts";
import { countUp, createDataset } from "./indexed.ts";

/**
 * The data with its classes numbered as in `classes`: a folder that lacks a class numbers the others differently, and a model that learnt
 * from another folder would be asked in the wrong words. Data whose target has no names is left as it is.
 *
 * @throws data/malformed for a class of at least one example that `classes` has not
 */
export function withClasses(dataset: IndexedDataset, classes: readonly string[]): IndexedDataset {
  const field = dataset.fields.find(({ name }) => name === dataset.target);
  const own = field?.classes;
  if (field === undefined || own === undefined || field.type !== "int64") return dataset;
  if (own.length === classes.length && own.every((name, i) => name === classes[i])) return dataset;
  const { tensors } = dataset.take(countUp(dataset.size), [field.name]);
  const { data } = tensors[field.name]!;
  const places = own.map((name) => classes.indexOf(name));
  const numbers = BigInt64Array.from(new BigInt64Array(data.buffer as ArrayBuffer, data.byteOffset, data.length / 8), (old) => {
    const place = places[Number(old)]!;
    if (place === -1) throw unknownClass(dataset.name, own[Number(old)]!, classes);
    return BigInt(place);
  });
  const target = { type: "int64", dims: [dataset.size], data: new Uint8Array(numbers.buffer) } as const;
  const others = dataset.fields.filter((other) => other !== field);
  const columns = [
    ...others.map((other): Column => ({
      field: other,
      rows: dataset.size,
      gather: (rows) => dataset.take(rows, [other.name]).tensors[other.name]!,
    })),
    tensorColumn(field.name, target, { classes }),
  ];
  return createDataset(dataset.name, columns, field.name);
}

function unknownClass(name: string, found: string, classes: readonly string[]): Error {
  const near = nearest(found, classes);
  const known = classes.slice(0, 12).map((one) => quote(one));
  return malformed(name, `its class ${quote(found)} is none of the ${classes.length} that were learnt`, {
    hint: near === undefined ? `they are ${known.join(", ")}` : `did you mean ${quote(near)}?`,
  });
}
