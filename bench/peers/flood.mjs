// A flood of bad keys from another loopback address, in a process of its own.
import { badKeyRequest, load } from "../lib/load.mjs";

const [url, key, perSecond, seconds] = process.argv.slice(2);
const { perSecond: reached, statuses } = await load({
  url,
  request: badKeyRequest(key),
  connections: 64,
  perSecond: Number(perSecond),
  seconds: Number(seconds),
  localAddress: "127.0.0.2",
});
process.send({ perSecond: reached, statuses });
process.disconnect();
