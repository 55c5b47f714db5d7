// The bound: Node's server that refuses everybody and looks at nothing.
import { createServer } from "node:http";

const body = JSON.stringify({ error: "the credential is not valid" });
const server = createServer((request, response) => {
  response.writeHead(401, { "content-type": "application/json", "content-length": body.length }).end(body);
});
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}` })));
process.on("SIGTERM", () => process.exit(0));
