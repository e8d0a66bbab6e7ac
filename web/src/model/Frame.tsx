import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { titleId } from '../focus';
import { me } from '../me';
import { place } from '../url';

/** A screen about the classifier with the way to the other. */
export function Frame({ title, children }: { title: string; children: ComponentChildren }) {
  const { screen } = place.value;
  const may = me.value!.may;
  useEffect(() => {
    document.title = `${title} · Gestor de redes`;
  }, [title]);
  const tab = (at: string, name: string) => <li><a href={`/${at}`} data-dentro aria-current={screen === at ? 'page' : undefined}>{name}</a></li>;
  return (
    <div class="hoja ancha clasificador">
      {may.model && may.label && <nav class="vistas" aria-label="Clasificador"><ul>{tab('clasificador', 'Cifras')}{tab('revisar', 'Revisar')}</ul></nav>}
      <h1 id={titleId} tabIndex={-1}>{title}</h1>
      {children}
    </div>
  );
}
