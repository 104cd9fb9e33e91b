// Files out of what was dropped, folders read to the bottom. What cannot be read takes nothing else with it.

export interface Dropped {
  files: File[];
  /** Where what could not be read stands in what was dropped: a file that is gone, a folder that is closed to its reader. */
  unreadable: string[];
}

export async function dropped(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return { files: [...transfer.files], unreadable: [] };
  return together(await Promise.all(entries.map(read)));
}

/** Hidden files and folders (.git, .DS_Store) are nobody's documents. */
export const isHidden = (name: string): boolean => name.startsWith('.');

const together = (parts: Dropped[]): Dropped => ({
  files: parts.flatMap(({ files }) => files),
  unreadable: parts.flatMap(({ unreadable }) => unreadable),
});

async function read(entry: FileSystemEntry): Promise<Dropped> {
  if (isHidden(entry.name)) return { files: [], unreadable: [] };
  try {
    if (isFile(entry)) {
      return { files: [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))], unreadable: [] };
    }
    return isFolder(entry) ? together(await Promise.all((await childrenOf(entry)).map(read))) : together([]);
  } catch {
    return { files: [], unreadable: [entry.fullPath.replace(/^\//, '')] };
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  // A reader gives its entries in portions and an empty one at the end.
  for (;;) {
    const portion = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (portion.length === 0) return children;
    children.push(...portion);
  }
}
