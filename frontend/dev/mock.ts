// A stand-in for the server, for work on the page alone: `npm run dev -- --mode mock`, or `npm run preview -- --mode mock`
// after a build (then under the production content policy). It replays the logs of tests/logs as live answers and holds
// its few documents in memory. Any sign-in works; the words "refuse", "stop", "fail" in a question choose the log.
import { readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Http2SecureServer } from 'node:http2';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Connect, Plugin } from 'vite';
import { WebSocketServer } from 'ws';
import { MockCompany, type Reply } from './mockCompany.ts';
import { serveSocket } from './mockSocket.ts';

/** What stands in the built page where the server writes a fresh nonce; here it is the nonce. */
export const noncePlaceholder = 'kbchat-nonce';
export const contentPolicy = [
  "default-src 'none'",
  "script-src 'nonce-kbchat-nonce' 'wasm-unsafe-eval'",
  "style-src 'nonce-kbchat-nonce'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types svelte-trusted-html dompurify kbchat",
].join('; ');

export function mockServer(): Plugin {
  const logs = join(import.meta.dirname, '../tests/logs');
  const company = new MockCompany(
    readdirSync(logs)
      .filter((name) => name.endsWith('.json'))
      .map((name) => readFileSync(join(logs, name), 'utf8')),
  );
  const install = (middlewares: Connect.Server, server: Server | Http2SecureServer | null, strict: boolean): void => {
    const sockets = new WebSocketServer({ noServer: true });
    server?.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (!request.url?.startsWith('/ws/v1')) return;
      sockets.handleUpgrade(request, socket, head, (opened) => serveSocket(opened, company));
    });
    middlewares.use((request, response, next) => {
      if (strict) response.setHeader('Content-Security-Policy', contentPolicy);
      const url = request.url ?? '/';
      if (url.startsWith('/api/v1/')) void answer(company, request, response);
      else {
        if (!/^\/(static|@|node_modules|src)/.test(url)) request.url = '/static/app/index.html';
        next();
      }
    });
  };
  return {
    name: 'kbchat-mock',
    configureServer: (server) => install(server.middlewares, server.httpServer, false),
    configurePreviewServer: (server) => install(server.middlewares, server.httpServer, true),
  };
}

async function answer(company: MockCompany, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString('utf8');
  const url = new URL(request.url ?? '/', 'http://mock');
  const json: unknown = request.headers['content-type']?.includes('json') && body ? JSON.parse(body) : body;
  const reply: Reply = company.answer(request.method ?? 'GET', url.pathname.slice('/api/v1'.length), url, json);
  if (reply.bytes) {
    response.writeHead(200, { 'Content-Type': 'application/pdf', 'Content-Disposition': 'attachment' });
    response.end(reply.bytes);
    return;
  }
  response.writeHead(reply.status, { 'Content-Type': 'application/json' });
  response.end(reply.status === 204 ? undefined : JSON.stringify(reply.body));
}
