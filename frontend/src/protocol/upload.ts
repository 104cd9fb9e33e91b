// Sending one file with progress. XMLHttpRequest, because fetch does not report what has been sent.
import { ApiError, commonHeaders, problemFrom, reportSignedOut } from './request';

/** What is said of a file beside its bytes; "" says nothing. `onlyNew`: refuse what a document has already. */
export interface UploadWish {
  effectiveFrom: string;
  expiresOn: string;
  encoding?: string;
  onlyNew?: boolean;
}

/** Sends `file` to `path` (below /api/v1) under the form field `field`; `onProgress` gets 0..1. Raises ApiError. */
export function uploadFile<T>(
  path: string,
  field: 'files' | 'file',
  file: File,
  wish: UploadWish,
  onProgress: (fraction: number) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const form = new FormData();
    form.append(field, file, file.name);
    if (wish.effectiveFrom) form.append('effective_from', wish.effectiveFrom);
    if (wish.expiresOn) form.append('expires_on', wish.expiresOn);
    if (wish.encoding) form.append('encoding', wish.encoding);
    if (wish.onlyNew) form.append('may_be_known', 'false');
    const sender = new XMLHttpRequest();
    sender.open('POST', `/api/v1${path}`);
    for (const [name, value] of Object.entries(commonHeaders())) sender.setRequestHeader(name, value);
    sender.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    sender.onerror = () => reject(new ApiError(0, { code: 'offline', message: '', next_step: '' }));
    sender.onload = () => {
      let body: unknown = null;
      try {
        body = JSON.parse(sender.responseText);
      } catch {
        body = null;
      }
      if (sender.status >= 200 && sender.status < 300) {
        resolve(body as T);
        return;
      }
      if (sender.status === 401) reportSignedOut();
      reject(new ApiError(sender.status, problemFrom(body, `http_${sender.status}`)));
    };
    sender.send(form);
  });
}
