/** A screen of one column. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { titleId } from '../focus';

export function Sheet({ title, wide, children }: { title: string; wide?: boolean; children: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Gestor de redes`;
  }, [title]);
  return <div class={wide ? 'hoja ancha' : 'hoja'}><h1 id={titleId} tabIndex={-1}>{title}</h1>{children}</div>;
}
