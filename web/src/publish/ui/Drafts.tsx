/** What is not finished: drafts, with a date or without, and those that came back with a reason. */
import { useEffect } from 'preact/hooks';
import { moment } from '../../clock';
import { say } from '../../focus';
import { me } from '../../me';
import { Empty, Failed, Loading } from '../../ui/bits';
import { visit } from '../go';
import { localOf } from '../grid';
import { onNews, postsShown, readPosts, shown } from '../posts';
import type { Post } from '../types';
import { dateOf, shortDay, wallOf } from '../wall';
import { postReason } from '../words';
import { Frame } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { PostChip } from './Month';

export function Drafts() {
  const read = () => void readPosts({ view: 'drafts' });
  useEffect(() => {
    read();
    return onNews(read);
  }, []);
  const write = () => (me.peek()?.may.post ? visit('/publicaciones/nueva') : say('Tu rol no escribe publicaciones.'));
  useScreenKeys({ n: write }, [['n', 'Nueva publicación']]);
  const { state, failure } = shown.value;
  const posts = postsShown().filter((p) => p.state === 'draft' || p.state === 'rejected');
  return (
    <Frame title="Borradores" head={me.value?.may.post && <a class="boton" href="/publicaciones/nueva" data-dentro>Nueva publicación</a>}>
      <p class="intro">Lo que falta terminar: borradores, con fecha o sin ella, y publicaciones rechazadas con su motivo.</p>
      {state === 'error' && failure ? <Failed failure={failure} retry={read} />
        : state === 'cargando' ? <Loading lines={4} what="Cargando los borradores" />
        : posts.length === 0 ? <Empty title="No hay borradores." />
        : <PostList posts={posts} />}
    </Frame>
  );
}

/** Publications one under another, each with its day. */
export function PostList({ posts }: { posts: Post[] }) {
  const today = dateOf(wallOf(moment.value));
  return (
    <ul class="campana-pubs">
      {posts.map((p) => (
        <li key={p.id}>
          <p class="nota">{localOf(p) ? shortDay(dateOf(localOf(p)), today) : 'Sin fecha'}</p>
          <div>
            <PostChip p={p} date="" held={false} tab={0} />
            {p.state === 'rejected' && p.reason && <p class="nota">Qué hay que cambiar: {postReason(p.reason)}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
