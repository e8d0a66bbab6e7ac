/** The screens of publishing: fetched together when one of them is first opened. */
export function Publishing() {
  return null;
}
