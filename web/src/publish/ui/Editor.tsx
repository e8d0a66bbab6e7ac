/** Where a publication is written, changed, sent to approval; and where one that went out is read. */
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Failure } from '../../api';
import { moment, now } from '../../clock';
import { timeWords } from '../../dates';
import { focusSoon, say, titleId } from '../../focus';
import { dialog } from '../../keys';
import { me } from '../../me';
import { readRules } from '../../rules';
import type { Network } from '../../types';
import { Failed, Loading } from '../../ui/bits';
import { campaigns, readCampaigns } from '../campaigns';
import { Actions, PostDialogs, Story } from './Story';
import { emptyForm, fromPost, keep, missing, readKept, same, textNetworks, toFields, type Form, type WrongField } from '../form';
import { go, place } from '../go';
import { MediaField } from './MediaField';
import { ScopeDialog } from './ScopeDialog';
import { Frame, WrongBox } from './pieces';
import { useScreenKeys } from '../../ui/useScreenKeys';
import { act, appliedWords, change, check, create, doing, known, onNews, readPost, refused, wrong as refusal } from '../posts';
import { Preview } from './Preview';
import { partOf } from '../grid';
import { Findings, jump, NetworksField, TextField } from './Texts';
import type { Checked, Post, Scope, Template } from '../types';
import { CasesField } from './Cases';
import { TemplateFields } from './Template';
import { bad, FieldError, WhenField, type FieldProps } from './WhenField';
import { allowed, losesApproval } from '../words';

/** The publication that was first saved here: its page goes on being the one it was written on. */
const madeHere = signal({ id: '', turn: 0 });

export function Editor() {
  const { sub } = place.value;
  const fresh = sub === 'nueva';
  if (fresh && madeHere.peek().id) madeHere.value = { id: '', turn: madeHere.peek().turn + 1 };
  const p = fresh ? undefined : known.value.get(sub);
  const [failure, setFailure] = useState<Failure>();
  const read = () => {
    setFailure(undefined);
    if (!fresh) readPost(sub).catch((error: unknown) => { if (error instanceof Failure) setFailure(error); else throw error; });
  };
  useEffect(() => {
    refusal.value = undefined;
    read();
    return onNews((ids) => { if (!fresh && ids.includes(sub)) read(); });
  }, [sub]);
  useScreenKeys({}, [['Ctrl + Enter', 'Publicación: enviar a aprobación'], ['Ctrl + S', 'Publicación: guardar']]);
  if (!fresh && !p) {
    return (
      <Frame title="Publicación">
        {failure?.status === 404 ? <p>Esta publicación no existe, o se borró.</p> : failure ? <Failed failure={failure} retry={read} /> : <Loading lines={6} what="Cargando la publicación" />}
        <p><a href="/calendario" data-dentro>Ir al calendario</a></p>
      </Frame>
    );
  }
  if (fresh && !me.value?.may.post) return <Frame title="Nueva publicación"><p>Tu rol no escribe publicaciones. <a href="/calendario" data-dentro>Ir al calendario</a></p></Frame>;
  const key = sub === madeHere.value.id || fresh ? `nueva${madeHere.value.turn}` : sub;
  const open = !p || (allowed(p.may?.edit) && me.value?.may.post);
  return open ? <Write key={key} p={p} /> : <Frame title="Publicación"><Story p={p} /></Frame>;
}

/** What a new one begins with: what was left, or the day that was chosen in the calendar. */
function beginning(p: Post | undefined): { form: Form; kept: boolean } {
  const user = me.peek()?.id ?? '';
  const held = readKept(user, p?.id ?? 'nueva');
  if (held && !(p && same(held.form, fromPost(p)))) return { form: held.form, kept: true };
  if (p) return { form: fromPost(p), kept: false };
  const asked = new URLSearchParams(location.search);
  return { form: { ...emptyForm, date: asked.get('dia') ?? '', campaign: asked.get('campana') ?? '' }, kept: false };
}

const autosaveAfter = 3000;
const checkAfter = 700;

type Saving = '' | 'guardando' | 'guardada' | 'error' | 'cambio';

function Write({ p }: { p: Post | undefined }) {
  const user = me.value?.id ?? '';
  const [start] = useState(() => beginning(p));
  const [form, setForm] = useState(start.form);
  const [kept, setKept] = useState(start.kept);
  const [saved, showSaved] = useState<Form>(() => (p ? fromPost(p) : emptyForm));
  const [savedAt, setSavedAt] = useState('');
  const [saving, setSaving] = useState<Saving>('');
  const [wrong, setWrong] = useState<WrongField>();
  const [checked, setChecked] = useState<Checked>();
  const latest = useRef(form);
  const savedNow = useRef(saved);
  const busy = useRef(false);
  /** The version that what is typed goes on from: a newer one of somebody else's is not written over unseen. */
  const base = useRef(p?.version ?? 0);
  const then = useRef<'save' | 'submit'>('save');
  const dirty = !same(form, saved);
  // A key may come before what was typed is drawn.
  const unsaved = () => !same(latest.current, savedNow.current);
  const setSaved = (f: Form) => {
    savedNow.current = f;
    showSaved(f);
  };
  const draft = !p || p.state === 'draft' || p.state === 'rejected';
  const auto = Boolean(p) && draft && !p?.series;
  const set = (fields: Partial<Form>) => {
    latest.current = { ...latest.current, ...fields };
    setForm(latest.current);
    setWrong(undefined);
  };
  const id = p?.id ?? 'nueva';

  // Nothing typed is lost: what the service does not have stays here.
  useEffect(() => keep(user, id, dirty ? { form, version: p?.version ?? 0 } : undefined), [form, dirty, id]);
  useEffect(() => {
    const timer = setTimeout(() => {
      void readRules();
      if (form.networks.length === 0 && !form.text) return setChecked(undefined);
      check({ kind: 'post', ...toFields(form, true) }).then((c) => { if (latest.current === form) setChecked(c); }, () => undefined);
    }, checkAfter);
    return () => clearTimeout(timer);
  }, [form]);
  useEffect(() => {
    if (!auto || !dirty || saving === 'cambio' || saving === 'guardando') return;
    const timer = setTimeout(() => void save(), autosaveAfter);
    return () => clearTimeout(timer);
  }, [form, auto, dirty, saving]);

  /** Gives the publication as the service has it, or nothing when it did not take it. */
  const save = async (scope?: Scope): Promise<Post | undefined> => {
    if (busy.current) return undefined;
    busy.current = true;
    const sending = latest.current;
    setSaving('guardando');
    try {
      const held = p ? known.peek().get(p.id) ?? p : undefined;
      const next = held ? await change({ ...held, version: base.current }, toFields(sending, true), scope) : await create(toFields(sending));
      base.current = next.version;
      setSaved(sending);
      setSavedAt(new Date(now()).toISOString());
      setSaving('guardada');
      setKept(false);
      refusal.value = undefined;
      if (!held) {
        keep(user, 'nueva', undefined);
        madeHere.value = { id: next.id, turn: madeHere.peek().turn };
        go(`/publicaciones/${encodeURIComponent(next.id)}`, true);
      }
      return next;
    } catch (error) {
      const w = refused(p?.id ?? '', error);
      setSaving(w.stale ? 'cambio' : 'error');
      if (w.findings) setChecked((held) => ({ networks: {}, ...held, findings: w.findings! }));
      if (w.field) refuse({ field: w.field, words: w.words });
      return undefined;
    } finally {
      busy.current = false;
    }
  };
  const refuse = (w: WrongField) => {
    setWrong(w);
    say(w.words);
    focusSoon(`campo-${w.field}`, 'pub-errores', titleId);
  };
  const finish = async (scope?: Scope) => {
    const submit = then.current === 'submit';
    let held = p;
    if (!held || unsaved()) held = await save(scope);
    if (!held) return;
    const several = !p && held.of && held.of > 1 ? ` Son ${held.of} publicaciones, una por fecha.` : ` ${appliedWords(held.applied)}`;
    if (!submit) return say(`Guardada.${several}`);
    // What was written at once as a series is sent as one.
    const next = await act(held, 'submit', scope ? { scope } : !p && held.series ? { scope: 'all' } : {});
    if (next) {
      say(`La enviaste a aprobación. ${appliedWords(next.applied)}`);
      focusSoon(titleId);
    } else {
      if (refusal.peek()?.findings) setChecked((c) => ({ networks: {}, ...c, findings: refusal.peek()!.findings! }));
      focusSoon('titulo-hallazgos', 'pub-errores');
    }
  };
  const begin = (what: 'save' | 'submit') => {
    if (busy.current || doing.peek()) return;
    then.current = what;
    const gap = what === 'submit' ? missing(latest.current, now()) : undefined;
    if (gap) return refuse(gap);
    if (p && ((p.series && (unsaved() || what === 'submit')) || (unsaved() && losesApproval(p)))) {
      dialog.value = 'alcance';
      return;
    }
    void finish();
  };
  const takeTheirs = () => {
    if (!p) return;
    base.current = p.version;
    latest.current = fromPost(p);
    setForm(latest.current);
    setSaved(latest.current);
    setSaving('');
    refusal.value = undefined;
  };
  const putMine = () => {
    if (p) base.current = p.version;
    void save();
  };
  useEffect(() => {
    if (!p || p.version === base.current || busy.current) return;
    if (same(fromPost(p), savedNow.current)) base.current = p.version; // only how it stands has moved
    else if (unsaved()) setSaving('cambio');
    else {
      takeTheirs();
      say('Otra persona cambió esta publicación: ya ves lo más nuevo.');
    }
  }, [p?.version]);
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || document.querySelector('dialog[open]')) return;
      if (event.key === 'Enter' && draft) begin('submit');
      else if (event.key === 's') begin('save');
      else return;
      event.preventDefault();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  });
  const findings = [...(checked?.findings ?? p?.findings ?? [])];
  const written = form.networks.length === 0 || textNetworks(form).length > 0;
  const working = saving === 'guardando' || doing.value !== '';
  const restart = () => {
    latest.current = p ? fromPost(p) : emptyForm;
    setForm(latest.current);
    setKept(false);
    focusSoon(titleId);
  };
  return (
    <Frame title={p ? 'Publicación' : 'Nueva publicación'}>
      {p && <Story p={p} brief />}
      {kept && <p class="aviso cambio">Recuperamos lo que habías escrito y no guardaste. <button type="button" class="como-enlace" onClick={restart}>{p ? 'Volver a lo guardado' : 'Empezar de cero'}</button></p>}
      {saving === 'cambio' && p && (
        <div class="aviso cambio" role="alert">
          <p><strong>Otra persona cambió esta publicación mientras escribías.</strong> Lo tuyo sigue aquí.</p>
          <p class="botones">
            <button type="button" class="principal" onClick={() => { takeTheirs(); focusSoon(titleId); }}>Ver lo suyo y dejar lo mío</button>
            <button type="button" onClick={putMine}>Guardar lo mío encima</button>
          </p>
        </div>
      )}
      <form
        class="formulario redactor-pub" noValidate
        onSubmit={(event) => { event.preventDefault(); begin('submit'); }}
      >
        <div class="pub-columna">
          <NetworksField form={form} set={set} wrong={wrong} />
          {form.networks.includes('whatsapp') && <WhatsAppField form={form} set={set} wrong={wrong} />}
          {written && (
            <>
              <TextField form={form} set={set} wrong={wrong} />
              <div class="pub-campos">
                <label for="campo-link">Enlace (opcional)</label>
                <input id="campo-link" type="url" placeholder="https://www.sence.gob.cl/…" value={form.link} {...bad(wrong, 'link')} onInput={(e) => set({ link: e.currentTarget.value })} />
                <FieldError wrong={wrong} fields={['link']} />
              </div>
              <MediaField form={form} set={set} wrong={wrong} latest={() => latest.current.media} />
            </>
          )}
          <WhenField form={form} set={set} wrong={wrong} begun={Boolean(p)} network={form.networks[0]} />
          <Rest form={form} set={set} />
        </div>
        <div class="pub-columna previas">
          <section aria-labelledby="titulo-hallazgos">
            <h2 id="titulo-hallazgos" tabIndex={-1}>Revisión</h2>
            <div role="status">{findings.length === 0 ? <p class="nota">{form.text || form.media.length > 0 ? 'Nada que corregir por ahora.' : 'Aquí aparece lo que haya que corregir, mientras escribes.'}</p> : <Findings findings={findings} form={form} go={(f) => jump(f, form)} />}</div>
          </section>
          <Previews form={form} p={p} />
        </div>
        <div id="pub-errores" class="pub-pie" tabIndex={-1}>
          {saving !== 'cambio' && <WrongBox id={p?.id ?? ''} />}
          <p class="nota" role="status">{saving === 'guardando' ? 'Guardando…' : saving === 'error' ? 'No se guardó: lo que escribiste sigue aquí.' : dirty ? (auto ? 'Cambios por guardar…' : 'Cambios sin guardar. Quedan en este navegador.') : savedAt ? `Guardada a las ${timeWords(savedAt, moment.value)}.` : ''}</p>
          <p class="botones">
            {draft && <button type="submit" class="principal" disabled={working} aria-keyshortcuts="Control+Enter">{doing.value.endsWith(' submit') ? 'Enviando…' : 'Enviar a aprobación'}</button>}
            <button type="button" class={draft ? undefined : 'principal'} disabled={working || (Boolean(p) && !dirty)} aria-keyshortcuts="Control+S" onClick={() => begin('save')}>{draft ? 'Guardar borrador' : 'Guardar cambios'}</button>
            {p && <Actions p={p} />}
          </p>
        </div>
      </form>
      {dialog.value === 'alcance' && p && <ScopeDialog p={p} submit={then.current === 'submit'} changes={dirty} go={(scope) => { dialog.value = ''; void finish(scope); }} />}
      {p && <PostDialogs p={p} />}
    </Frame>
  );
}

/** What goes out on WhatsApp, which has no publications: a template, to the people of cases. */
function WhatsAppField({ form, set, wrong }: FieldProps) {
  const { template: value, ...rest } = form.variants.whatsapp ?? {};
  const put = (template: Template | undefined) => set({ variants: { ...form.variants, whatsapp: template ? { ...rest, template } : rest } });
  return (
    <fieldset class="pub-campos">
      <legend>WhatsApp: una plantilla a personas</legend>
      <TemplateFields value={value} set={put} wrong={wrong?.field === 'template' ? wrong.words : ''} />
      <CasesField form={form} set={set} wrong={wrong} />
    </fieldset>
  );
}

/** Campaign and what to do when nobody finds it. */
function Rest({ form, set }: { form: Form; set: (fields: Partial<Form>) => void }) {
  useEffect(() => void readCampaigns(), []);
  return (
    <fieldset class="pub-campos">
      <legend>Más opciones</legend>
      <div>
        <label for="campo-campaign">Campaña (opcional)</label>
        <select id="campo-campaign" value={form.campaign} onChange={(e) => set({ campaign: e.currentTarget.value })}>
          <option value="">Ninguna</option>
          {campaigns.value.items.map((c) => <option key={c.id} value={c.id}>{c.name}</option>)}
          {form.campaign && !campaigns.value.items.some((c) => c.id === form.campaign) && <option value={form.campaign}>La que tiene</option>}
        </select>
      </div>
      <label class="casilla">
        <input type="checkbox" checked={form.resend} onChange={(e) => set({ resend: e.currentTarget.checked })} />
        <span>Volver a publicar solo si nadie la encuentra<br /><span class="nota">A veces una red no dice si publicó. La buscamos durante un cuarto de hora; si no aparece, sale una vez más, sin preguntar. Si la red la escondía, quedará dos veces. Sin esta opción, decides tú en Fallas.</span></span>
      </label>
    </fieldset>
  );
}

function Previews({ form, p }: { form: Form; p: Post | undefined }) {
  if (form.networks.length === 0) return <p class="nota">Elige una red para ver cómo queda.</p>;
  const as = { networks: form.networks, text: form.text, link: form.link, media: form.media, variants: form.variants } as Post;
  return (
    <section aria-labelledby="titulo-previas">
      <h2 id="titulo-previas">Cómo queda</h2>
      {form.networks.map((n: Network) => {
        if (n === 'whatsapp') return null; // it is read beside its fields
        const part = partOf({ ...as, state: 'draft' } as Post, n);
        return <Preview key={n} network={n} text={part.text} link={part.link} media={part.media} account={p?.targets?.[n]?.account} />;
      })}
    </section>
  );
}
