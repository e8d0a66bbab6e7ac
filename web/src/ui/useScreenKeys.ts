import { useEffect } from 'preact/hooks';
import { screenKeys, screenSheet } from '../keys';

/** Keys of the screen that is open, and their lines in the help. Run anew at each drawing: they see what is on screen. */
export function useScreenKeys(keys: Record<string, () => void>, sheet: readonly [string, string][]): void {
  useEffect(() => {
    screenKeys.value = keys;
  });
  useEffect(() => {
    screenSheet.value = sheet;
    return () => {
      screenKeys.value = {};
      screenSheet.value = [];
    };
  }, []);
}
