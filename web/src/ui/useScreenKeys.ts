import { useLayoutEffect } from 'preact/hooks';
import { screenKeys, screenSheet } from '../keys';

/**
 * Keys of the screen that is open, and their lines in the help. Set at each drawing, before it is seen: whoever presses a key means what
 * is on screen.
 */
export function useScreenKeys(keys: Record<string, () => void>, sheet: readonly [string, string][]): void {
  useLayoutEffect(() => {
    screenKeys.value = keys;
  });
  useLayoutEffect(() => {
    screenSheet.value = sheet;
    return () => {
      screenKeys.value = {};
      screenSheet.value = [];
    };
  }, []);
}
