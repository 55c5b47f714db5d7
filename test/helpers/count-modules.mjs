// `node --import <this file>` writes, at its end, how many modules were read from disk: one line on standard error.
import { register } from "node:module";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const { port1, port2 } = new MessageChannel();
const hooks = `
let port;
export const initialize = (given) => { port = given; };
export async function load(url, context, next) {
  if (url.startsWith("file:")) port.postMessage(url);
  return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: port2, transferList: [port2] });
process.on("exit", () => {
  let count = 0;
  while (receiveMessageOnPort(port1) !== undefined) count++;
  process.stderr.write(`modules: ${count}\n`);
});
