// Sending one file with progress. XMLHttpRequest, because fetch does not report what has been sent.
import { ApiError, commonHeaders, problemFrom, reportSignedOut } from './request';

export interface UploadDates {
  effectiveFrom: string;
  expiresOn: string;
}

/** Sends `file` to `path` (below /api/v1) under the form field `field`; `onProgress` gets 0..1. Raises ApiError. */
export function uploadFile<T>(
  path: string,
  field: 'files' | 'file',
  file: File,
  dates: UploadDates,
  onProgress: (fraction: number) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const form = new FormData();
    form.append(field, file, file.name);
    if (dates.effectiveFrom) form.append('effective_from', dates.effectiveFrom);
    if (dates.expiresOn) form.append('expires_on', dates.expiresOn);
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
