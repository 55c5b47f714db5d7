// Loaded into a training by `--import`: the process kills itself, as a power cut would, at one moment of one checkpoint's way to the disk.
// KILL_AT=writing:3 is with half of the third checkpoint's bytes written, renaming:3 before it takes the last one's place, renamed:3 after.
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { isMainThread } from "node:worker_threads";

const [moment, count] = (process.env.KILL_AT ?? "").split(":");
const isCheckpoint = (path) => String(path).endsWith("checkpoint.npz.part");
const die = () => {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
};

if (isMainThread) {
  let checkpoints = 0;
  const { open, rename } = fs;
  fs.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    if (!isCheckpoint(path)) return handle;
    checkpoints++;
    const write = handle.write.bind(handle);
    handle.write = async (bytes, ...options) => {
      if (moment !== "writing" || checkpoints !== Number(count)) return write(bytes, ...options);
      await write(bytes.subarray(0, bytes.length >> 1));
      return die();
    };
    return handle;
  };
  fs.rename = async (from, to) => {
    const isMine = isCheckpoint(from) && checkpoints === Number(count);
    if (isMine && moment === "renaming") return die();
    await rename(from, to);
    return isMine && moment === "renamed" ? die() : undefined;
  };
  syncBuiltinESMExports();
}
