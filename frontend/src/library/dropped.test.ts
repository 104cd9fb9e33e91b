import { expect, it } from 'vitest';
import { dropped } from './dropped';

interface Dropping {
  fullPath: string;
  inside?: Dropping[];
  isGone?: boolean;
}

/** As a browser gives it: by callbacks, a folder in portions of one. */
function entry({ fullPath, inside, isGone = false }: Dropping): object {
  const name = fullPath.split('/').at(-1) ?? '';
  const gone = new DOMException('', 'NotFoundError');
  const file = (give: (file: File) => void, fail: (error: Error) => void): void =>
    isGone ? fail(gone) : give(new File(['x'], name));
  const createReader = () => {
    const left = (inside ?? []).map(entry);
    return {
      readEntries: (give: (portion: object[]) => void, fail: (error: Error) => void): void =>
        isGone ? fail(gone) : give(left.splice(0, 1)),
    };
  };
  return { name, fullPath, isFile: inside === undefined, isDirectory: inside !== undefined, file, createReader };
}

async function names(...dropping: Dropping[]): Promise<{ files: string[]; unreadable: string[] }> {
  const items = dropping.map((one) => ({ webkitGetAsEntry: () => entry(one) }));
  const { files, unreadable } = await dropped({ items, files: [] } as unknown as DataTransfer);
  return { files: files.map(({ name }) => name), unreadable };
}

it('takes folders to the bottom, without what is hidden', async () => {
  const inside = [{ fullPath: '/a/one.pdf' }, { fullPath: '/a/.git' }, { fullPath: '/a/b', inside: [{ fullPath: '/a/b/two.pdf' }] }];
  expect(await names({ fullPath: '/a', inside })).toEqual({ files: ['one.pdf', 'two.pdf'], unreadable: [] });
});

it('takes what can be read where something else cannot, and names that', async () => {
  const inside = [{ fullPath: '/a/link.pdf', isGone: true }, { fullPath: '/a/closed', inside: [], isGone: true }, { fullPath: '/a/two.pdf' }];
  expect(await names({ fullPath: '/one.pdf' }, { fullPath: '/a', inside })).toEqual({
    files: ['one.pdf', 'two.pdf'],
    unreadable: ['a/link.pdf', 'a/closed'],
  });
});
