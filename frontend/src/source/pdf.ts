// pdf.js, loaded when the first PDF is opened. Its worker and data files come from our own address only.
import {
  getDocument,
  PDFWorker,
  VerbosityLevel,
  type PDFDocumentLoadingTask,
  type PDFPageProxy,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerAddress from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

export type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';

interface ScriptPolicy {
  createScriptURL: (address: string) => unknown;
}

interface PolicyFactory {
  createPolicy: (name: string, rules: { createScriptURL: (address: string) => string }) => ScriptPolicy;
}

function trusted(address: string): string {
  const factory = (window as unknown as { trustedTypes?: PolicyFactory }).trustedTypes;
  if (!factory) return address;
  const policy = factory.createPolicy('kbchat', {
    createScriptURL: (wanted) => {
      if (new URL(wanted, location.href).origin !== location.origin) throw new TypeError('foreign script');
      return wanted;
    },
  });
  // The standard accepts a TrustedScriptURL here; the library's types know strings only.
  return policy.createScriptURL(address) as string;
}

let worker: PDFWorker | null = null;

/** One for all documents, and not theirs: closing one does not end what the next is opened with. */
function sharedWorker(): PDFWorker {
  worker ??= PDFWorker.create({ port: new Worker(trusted(workerAddress), { type: 'module' }) });
  return worker;
}

export function openPdf(address: string): PDFDocumentLoadingTask {
  const files = `${import.meta.env.BASE_URL}pdfjs`;
  return getDocument({
    url: address,
    worker: sharedWorker(),
    cMapUrl: `${files}/cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${files}/standard_fonts/`,
    iccUrl: `${files}/iccs/`,
    wasmUrl: `${files}/wasm/`,
    verbosity: VerbosityLevel.ERRORS,
    enableXfa: false,
    isEvalSupported: false,
  });
}

/** Draws a page into `canvas` at `width` CSS pixels; returns what stops it. */
export function drawPage(page: PDFPageProxy, canvas: HTMLCanvasElement, width: number): { done: Promise<void>; cancel: () => void } {
  const scale = (width / page.getViewport({ scale: 1 }).width) * Math.min(window.devicePixelRatio || 1, 2.5);
  const viewport = page.getViewport({ scale });
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  const task = page.render({ canvas, viewport });
  return { done: task.promise, cancel: () => task.cancel() };
}
