import { fetchFile } from '../api';

/** Asks for a file and gives it to the browser to keep. */
export async function save(path: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await fetchFile(path));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
