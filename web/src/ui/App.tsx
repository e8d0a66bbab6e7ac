/** The frame around every screen: who is here, where one can go, and what everybody must know now. */
import { leave, logout, problem, renew, session } from '../auth';
import { reached } from '../api';
import { unsent } from '../drafts';
import { ask, heardAt, stale } from '../feed';
import { spoken } from '../focus';
import { useEffect, useState } from 'preact/hooks';
import { dialog, refusedKey } from '../keys';
import { pile } from '../matters';
import { me, meFailure, readMe } from '../me';
import { timeWords } from '../dates';
import { now } from '../clock';
import { address, noFilters, ofModel, ofPosts, place } from '../url';
import { roleWords } from '../words';
import { channels } from '../channels';
import { Dialog, Failed, Loading } from './bits';
import { Help } from './Help';
import { Inbox } from './Inbox';
import { Sheet } from './Sheet';
import { later, Waiting } from './Later';

/** What is loaded when it is first opened. */
const office = later(() => import('./office'));
const publishing = later(() => import('../publish/screens'));
const model = later(() => import('../model/screens'));

export function App() {
  switch (session.value) {
    case 'entrando':
      return <main class="portada"><Loading lines={3} what="Un momento" /></main>;
    case 'fuera':
      return (
        <Door title="Saliste de la consola">
          <p>Cerramos tu sesión y borramos lo que guardaba esta pestaña.</p>
          <button type="button" class="principal" onClick={() => void leave().catch(() => (session.value = 'error'))}>Ingresar</button>
        </Door>
      );
    case 'error':
      return (
        <Door title="No pudimos ingresar">
          <p role="alert">{problem.value}</p>
          <button type="button" class="principal" onClick={renew}>Ingresar de nuevo</button>
        </Door>
      );
    case 'dentro':
    case 'vencida':
      return <Console />;
  }
}

function Door({ title, children }: { title: string; children: preact.ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Gestor de redes`;
  }, [title]);
  return <main class="portada"><h1>{title}</h1>{children}</main>;
}

function Console() {
  const here = me.value;
  return (
    <>
      <a class="salto" href="#contenido">Saltar al contenido</a>
      <Header />
      <Banners />
      <main id="contenido" tabIndex={-1}>
        {here ? <Screen /> : meFailure.value && session.value !== 'vencida'
          ? <div class="hoja"><h1>Gestor de redes</h1><Failed failure={meFailure.value} retry={() => void readMe()} /></div>
          : <Loading lines={6} what="Cargando la consola" />}
      </main>
      <p class="oculto" aria-live="polite" role="status">{spoken.value.text}{spoken.value.turn % 2 ? '\u00a0' : ''}</p>
      <RefusedKey />
      {dialog.value === 'ayuda' && <Help />}
      {dialog.value === 'salir' && <LeaveDialog />}
      {session.value === 'vencida' && <Expired />}
    </>
  );
}

function Header() {
  const here = me.value;
  const screen = place.value.screen;
  const waiting = pile.value?.state === 'lista' ? pile.value.items.length : 0;
  const ill = channels.value?.items.filter((c) => c.level === 'mal').length ?? 0;
  const link = (href: string, name: string, on: boolean, extra?: preact.ComponentChildren) => (
    <li><a href={href} data-dentro aria-current={on ? 'page' : undefined}>{name}{extra}</a></li>
  );
  return (
    <header class="cabecera">
      <p class="marca"><strong>Gestor de redes</strong> <span>SENCE</span></p>
      <nav aria-label="Pantallas">
        <ul>
          {link(address('', noFilters), 'Bandeja', screen === 'bandeja')}
          {here?.may.attention && link('/atencion', 'Atención', screen === 'atencion', waiting > 0 && (
            <span class="cuenta">{waiting}{pile.value?.next ? '+' : ''}<span class="oculto"> asuntos esperan</span></span>
          ))}
          {here?.may.operate && link('/cuarentena', 'Cuarentena', screen === 'cuarentena')}
          {here?.may.channels && link('/canales', 'Canales', screen === 'canales', ill > 0 && (
            <span class="cuenta">{ill}<span class="oculto"> {ill === 1 ? 'cuenta no funciona' : 'cuentas no funcionan'}</span></span>
          ))}
          {here && (here.may.model || here.may.label) && link(here.may.model ? '/clasificador' : '/revisar', 'Clasificador', ofModel(screen))}
          {here?.may.posts && link('/calendario', 'Publicaciones', ofPosts(screen))}
        </ul>
      </nav>
      <div class="quien">
        {here && <span class="nombre"><bdi>{here.name || here.id}</bdi> <span class="rol">{roleWords(here.roles)}</span></span>}
        <button type="button" onClick={() => (dialog.value = 'ayuda')}>Ayuda</button>
        <button type="button" onClick={() => (unsent() > 0 ? (dialog.value = 'salir') : void logout())}>Salir</button>
      </div>
    </header>
  );
}

function Screen() {
  const { screen } = place.value;
  const may = me.value!.may;
  if (screen === 'ninguna') {
    return (
      <Sheet title="Esta página no existe">
        <p>La dirección que abriste no es de la consola.</p>
        <p><a href="/" data-dentro>Ir a la Bandeja</a></p>
      </Sheet>
    );
  }
  const open = { bandeja: may.read, atencion: may.attention, cuarentena: may.operate, canales: may.channels, nuevo: may.capture, clasificador: may.model, revisar: may.label }[screen as 'bandeja'] ?? may.posts;
  if (!open) {
    return (
      <Sheet title="Tu rol no ve esto">
        <p>Ingresaste con el rol: {roleWords(me.value!.roles)}. Si necesitas esta pantalla, pídela a tu jefatura.</p>
        {may.attention && <p><a href="/atencion" data-dentro>Ir a Atención</a></p>}
        {may.posts && <p><a href="/calendario" data-dentro>Ir a Publicaciones</a></p>}
      </Sheet>
    );
  }
  if (screen === 'bandeja') return <Inbox />;
  if (ofModel(screen)) return <Waiting from={model} show={({ Model }) => <Model />} />;
  if (ofPosts(screen)) return <Waiting from={publishing} show={({ Publishing }) => <Publishing />} />;
  return <Waiting from={office} show={({ Office }) => <Office />} />;
}

function useOnline(): boolean {
  const [online, set] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => set(navigator.onLine);
    addEventListener('online', look);
    addEventListener('offline', look);
    return () => {
      removeEventListener('online', look);
      removeEventListener('offline', look);
    };
  }, []);
  return online;
}

function Banners() {
  const online = useOnline();
  if (!online || !reached.value) {
    return (
      <div class="franja" role="status">
        <p><strong>Sin conexión.</strong> Lo que ves puede estar desactualizado. Lo que escribes queda guardado en esta pestaña.</p>
        <button type="button" onClick={ask}>Reintentar</button>
      </div>
    );
  }
  if (stale.value) {
    return (
      <div class="franja" role="status">
        <p>Lo que ves puede estar desactualizado. Última lectura: {timeWords(new Date(heardAt.value).toISOString(), now())}.</p>
        <button type="button" onClick={ask}>Actualizar</button>
      </div>
    );
  }
  return null;
}

/** Why a key did nothing: said aloud where it was pressed, and shown here for a moment. */
function RefusedKey() {
  const text = refusedKey.value;
  useEffect(() => {
    if (!text) return;
    const timer = setTimeout(() => (refusedKey.value = ''), 6000);
    return () => clearTimeout(timer);
  }, [text]);
  return text ? <p class="nota-breve" aria-hidden="true">{text}</p> : null;
}

function Expired() {
  return (
    <Dialog title="Tu sesión terminó" name="vencida" close={renew}>
      <p>Ingresa de nuevo para seguir donde estabas. Lo que escribiste queda guardado.</p>
      <p class="botones"><button type="button" class="principal" onClick={renew}>Ingresar de nuevo</button></p>
    </Dialog>
  );
}

function LeaveDialog() {
  const close = () => (dialog.value = '');
  return (
    <Dialog title="Tienes texto sin enviar" name="salir" close={close}>
      <p>Si sales, se borra lo que escribiste y no enviaste.</p>
      <p class="botones">
        <button type="button" class="principal" onClick={close}>Volver a la consola</button>
        <button type="button" onClick={() => { close(); void logout(); }}>Salir y borrar</button>
      </p>
    </Dialog>
  );
}
