import { expect, it } from "vitest";
import { eventfulLog, filesBelow, unnoticedFlips } from "../helpers/audit.ts";

it("an audit log betrays every single flipped bit of every file", async () => {
  const disk = await eventfulLog(9);
  const everyBit = () => [0, 1, 2, 3, 4, 5, 6, 7];
  expect(await unnoticedFlips(disk, await filesBelow(disk, ""), everyBit)).toEqual([]);
});

it("an audit log betrays every single flipped byte of full tiles and bundles", async () => {
  const disk = await eventfulLog(520);
  expect(await unnoticedFlips(disk, await filesBelow(disk, "log"), (at) => [at % 8])).toEqual([]);
});
