// A model server on the loopback that answers what it is told, and remembers who asked.
import { createServer } from "node:http";

/** `code` is the answer to every question; undefined: no answer ever comes. */
export async function modelServer(code) {
  const asked = [];
  const open = new Set();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      asked.push({ key: request.headers.authorization, body });
      if (code === undefined) return;
      const message = { role: "assistant", content: `\`\`\`python\n${code}\n\`\`\`` };
      const usage = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ id: "1", object: "chat.completion", created: 1, model: "scripted", choices: [{ index: 0, finish_reason: "stop", message }], usage }));
    });
  });
  server.on("connection", (socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    open,
    url: `http://127.0.0.1:${server.address().port}/v1`,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The user's perforch.toml for one such server. */
export function settingsFor(server, { key, alone = true } = {}) {
  const use = alone ? '["local/scripted"]' : '["builtin", "local/scripted"]';
  return [
    "[models]",
    `use = ${use}`,
    '[models.options."local/scripted"]',
    'model = "openai/scripted"',
    `base_url = "${server.url}"`,
    ...(key ? [`api_key_env = "${key}"`] : []),
    "",
  ].join("\n");
}
