package desk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// maxRequest is the largest body of a write, in bytes.
const maxRequest = 64 << 10

// order is the body of every action; each reads what it needs.
type order struct {
	Version    *int            `json:"version"`
	Text       string          `json:"text"`
	Visibility post.Visibility `json:"visibility"`
	SendAt     json.RawMessage `json:"sendAt"`
	// Template is said instead of Text; texts are those approved, where one is asked for.
	Template *post.Template `json:"template"`
	texts    texts
	// UndoSeconds holds a reply back for a moment in which it can be undone.
	UndoSeconds int             `json:"undoSeconds"`
	Intent      classify.Intent `json:"intent"`
	Reason      string          `json:"reason"`
	// Mention and Reply name what an act is about by its id; Confirm is the word it asks for. At is RFC 3339.
	Mention string    `json:"mention"`
	Reply   string    `json:"reply"`
	Verb    post.Verb `json:"verb"`
	Confirm string    `json:"confirm"`
	At      string    `json:"at"`
	Link    string    `json:"link"`
	// Outcome and URL are what a person decides about a reply that failed.
	Outcome ticket.Outcome `json:"outcome"`
	URL     string         `json:"url"`
}

// maxUndo is the longest a reply may be held back for undoing.
const maxUndo = 60

// errUsedKey tells that an Idempotency-Key came with another body.
var errUsedKey = fault.Reject("desk.act", "Idempotency-Key", "Esa clave de idempotencia ya se usó con otro contenido.")

func (d *Desk) act(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	decide, known := d.actions()[req.PathValue("action")]
	if !known {
		d.fail(w, req, fault.Say(fault.NotFound, "desk.act", "Esa acción no existe."), nil)
		return
	}
	click, o, p := d.order(req, by)
	if p != nil {
		d.problem(w, *p)
		return
	}
	// The case is read before the remembered answer: when the same click in other hands moved it in between, its answer
	// is there to be found.
	story, err := d.visible(req, req.PathValue("id"), by)
	if d.repeated(w, req, click) {
		d.lapse(req, story)
		return
	}
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	now := d.cfg.Arrived(req.Context())
	fresh := d.render(story, by, now)
	if o.Version == nil {
		d.fail(w, req, fault.Reject("desk.act", "version", "Falta la versión del caso que estás viendo."), nil)
		return
	}
	if *o.Version != story.Ticket.Version {
		d.fail(w, req, stale(story.Ticket, by), &fresh)
		return
	}
	if o.Template != nil {
		if o.texts, err = d.texts(req.Context()); err != nil {
			d.fail(w, req, err, nil)
			return
		}
	}
	change, err := decide(story, by, o, now)
	if err != nil {
		if fault.Is(err, fault.Conflict) {
			d.fail(w, req, err, &fresh)
			return
		}
		d.fail(w, req, err, nil)
		return
	}
	d.commit(w, req, by, now, story, change, click)
}

// stale says that the case changed meanwhile and, when it is somebody else, who has it.
func stale(t ticket.Ticket, by ticket.Actor) error {
	public := "El caso cambió mientras lo mirabas. Revisa cómo quedó e inténtalo de nuevo."
	if t.AssigneeName != "" && t.Assignee != by.ID {
		public = "El caso cambió mientras lo mirabas: ahora lo tiene " + t.AssigneeName + "."
	}
	return fault.Say(fault.Conflict, "desk.act", public)
}

// commit writes the step together with the remembered answer, and answers.
func (d *Desk) commit(w http.ResponseWriter, req *http.Request, by ticket.Actor, now time.Time, story ticket.Story, change ticket.Change, click ticket.Click) {
	answer, err := fitting(d.render(after(story, change), by, now))
	if err != nil {
		d.fail(w, req, fault.New(fault.Permanent, "desk.commit", err), nil)
		return
	}
	click.Status, click.Body, click.At = http.StatusOK, answer, now
	change.Click = &click
	err = d.cfg.Cases.Commit(req.Context(), change)
	switch {
	case fault.Is(err, fault.Duplicate), fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
		// The same click came twice at once, or somebody was faster: the store knows which.
		if d.repeated(w, req, click) {
			return
		}
		current, readErr := d.visible(req, story.Ticket.ID, by)
		if readErr != nil {
			d.fail(w, req, readErr, nil)
			return
		}
		fresh := d.render(current, by, now)
		d.fail(w, req, stale(current.Ticket, by), &fresh)
	case err != nil:
		d.fail(w, req, err, nil)
	default:
		d.lapse(req, after(story, change))
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(answer)
	}
}

// lapse gives the texts of an ended case their expiry which the step that ended it had no room for. What fails here is tried
// again when the same click comes again; it takes nothing back from the step that was answered.
func (d *Desk) lapse(req *http.Request, story ticket.Story) {
	lost := 0
	for {
		step, left := story.Lapse()
		if !left {
			return
		}
		err := d.cfg.Cases.Commit(req.Context(), step)
		if err == nil {
			story = after(story, step)
			continue
		}
		if fault.Is(err, fault.Conflict) && lost < lapseRounds { // an edit, or a reply's outcome: read again
			lost++
			if story, err = d.cfg.Cases.Story(req.Context(), story.Ticket.ID); err == nil {
				continue
			}
		}
		d.cfg.Log.LogAttrs(req.Context(), slog.LevelError, "expiry not set", slog.String("ticket", story.Ticket.ID),
			slog.String("kind", fault.Of(err).String()), slog.String("error", err.Error()))
		return
	}
}

// lapseRounds is how often lapse reads again after it lost to another writer.
const lapseRounds = 4

// maxAnswer is the longest answer to a write, in bytes. It is remembered in one item of the store, which takes 400 KB, and
// there are texts that no compression makes shorter.
const maxAnswer = 300 << 10

// fitting writes the answer down. Of a case too long for it, the oldest mentions stay away, then the oldest replies: a person
// who writes very much must not make the case unworkable. GET shows all of it.
func fitting(answer ticketJSON) ([]byte, error) {
	for {
		var buf bytes.Buffer
		if err := json.NewEncoder(&buf).Encode(answer); err != nil {
			return nil, err
		}
		switch mentions, replies := len(answer.Mentions), len(answer.Replies); {
		case buf.Len() <= maxAnswer, mentions <= 1 && replies <= 1:
			return buf.Bytes(), nil
		case mentions > 1:
			answer.Mentions = answer.Mentions[(mentions+1)/2:]
		default:
			answer.Replies = answer.Replies[(replies+1)/2:]
		}
	}
}

// order reads the request: its click key and its body. A problem means that it cannot be read at all.
func (d *Desk) order(req *http.Request, by ticket.Actor) (ticket.Click, order, *problem) {
	return asked[order](req, by)
}

// asked reads a write: its click key, and its body as T. A problem means that it cannot be read at all.
func asked[T any](req *http.Request, by ticket.Actor) (ticket.Click, T, *problem) {
	var o, none T
	click, body, p := clicked(req, by, maxRequest)
	if p != nil {
		return ticket.Click{}, none, p
	}
	if err := json.Unmarshal(body, &o); err != nil {
		return ticket.Click{}, none, &problem{
			Status: http.StatusBadRequest, Title: notUnderstood, Detail: "El contenido no es JSON válido, o un campo tiene otro tipo.",
		}
	}
	return click, o, nil
}

const notUnderstood = "No se entiende lo pedido"

// clicked reads a write as it came, its body no longer than most.
func clicked(req *http.Request, by ticket.Actor, most int64) (ticket.Click, []byte, *problem) {
	key := req.Header.Get("Idempotency-Key")
	if key == "" || len(key) > 200 {
		return ticket.Click{}, nil, &problem{
			Status: http.StatusBadRequest, Title: notUnderstood,
			Detail: "Falta el encabezado Idempotency-Key (de 1 a 200 caracteres): identifica este intento para no repetirlo.",
		}
	}
	body, err := io.ReadAll(io.LimitReader(req.Body, most+1))
	if err != nil || int64(len(body)) > most {
		return ticket.Click{}, nil, &problem{
			Status: http.StatusBadRequest, Title: notUnderstood, Detail: "El contenido es demasiado grande o llegó incompleto.",
		}
	}
	return ticket.Click{Key: digest(by.ID, key), Digest: digest(req.Method, req.URL.Path, string(body))}, body, nil
}

// digest is a short name of several texts; the zero byte between them keeps their borders apart.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// repeated gives the first answer again when this click was answered before, and reports whether it answered.
func (d *Desk) repeated(w http.ResponseWriter, req *http.Request, click ticket.Click) bool {
	was, found, err := d.cfg.Cases.Answer(req.Context(), click.Key)
	switch {
	case err != nil:
		d.fail(w, req, err, nil)
	case !found:
		return false
	case was.Digest != click.Digest:
		d.fail(w, req, errUsedKey, nil)
	default:
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(was.Status)
		_, _ = w.Write(was.Body)
	}
	return true
}

// after is the story as the change leaves it.
func after(s ticket.Story, c ticket.Change) ticket.Story {
	out := ticket.Story{Ticket: s.Ticket, Mentions: slices.Clone(s.Mentions)}
	if c.Ticket != nil {
		out.Ticket = *c.Ticket
	}
	for _, m := range c.Mentions {
		for i, was := range out.Mentions {
			if was.Key == m.Key && was.At.Equal(m.At) {
				out.Mentions[i] = m
			}
		}
	}
	changed := map[string]ticket.Reply{}
	for _, r := range c.Replies {
		changed[r.ID] = r
	}
	for _, r := range s.Replies {
		if now, yes := changed[r.ID]; yes {
			r = now
			delete(changed, r.ID)
		}
		out.Replies = append(out.Replies, r)
	}
	for _, r := range c.Replies {
		if _, added := changed[r.ID]; added {
			out.Replies = append(out.Replies, r)
		}
	}
	return out
}

// action decides one write.
type action func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error)

func (d *Desk) actions() map[string]action {
	all := map[string]action{
		"claim": func(s ticket.Story, by ticket.Actor, _ order, now time.Time) (ticket.Change, error) {
			return s.Ticket.Claim(by, now)
		},
		"release": func(s ticket.Story, by ticket.Actor, _ order, now time.Time) (ticket.Change, error) {
			return s.Ticket.Release(by, now)
		},
		"reply": d.reply,
		"escalate": func(s ticket.Story, by ticket.Actor, _ order, now time.Time) (ticket.Change, error) {
			c, err := s.Ticket.Escalate(by, d.cfg.Policy, now)
			c.Settle = s.Ticket.OvertakenFiling()
			return c, err
		},
		"undo": func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			if o.Reply != "" {
				return cancelled(s, by, o.Reply, now)
			}
			return s.Ticket.Undo(by, undoable(s), now)
		},
		"cancel": func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return cancelled(s, by, o.Reply, now)
		},
		"settle": func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return s.Settle(by, ticket.Settlement{Reply: o.Reply, Outcome: o.Outcome, URL: o.URL}, d.cfg.Policy, now)
		},
		"classify": d.classify,
		"close": func(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
			return s.Close(by, o.Reason, now)
		},
	}
	maps.Copy(all, d.deeds())
	return all
}

// reply checks the text as its network will read it, then plans it. A public text may not show personal data: not the
// citizen's, not anybody's (domain.md §7).
func (d *Desk) reply(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
	const op = "desk.reply"
	if o.UndoSeconds < 0 || o.UndoSeconds > maxUndo {
		return ticket.Change{}, fault.Reject(op, "undoSeconds", "El tiempo para deshacer va de 0 a 60 segundos.")
	}
	due, err := d.sendAt(s, o, now)
	if err != nil {
		return ticket.Change{}, err
	}
	change, err := d.planned(s, by, o, due, now)
	if err != nil {
		return ticket.Change{}, err
	}
	change.Settle = s.Ticket.OvertakenReplies(s.Replies)
	if spans := classify.PII(o.Text); o.Visibility == post.Public && len(spans) > 0 {
		return ticket.Change{}, fault.Reject(op, "text", "El texto muestra datos personales ("+spans[0].Type+"). Bórralos: una respuesta pública la lee todo el mundo.")
	}
	return change, nil
}

// classify gives the case the class a person decides, with the term of that class.
func (d *Desk) classify(s ticket.Story, by ticket.Actor, o order, now time.Time) (ticket.Change, error) {
	term := ticket.Term{Days: ticket.TermDays(o.Intent), From: s.Ticket.Term.From}
	if term.From == "" {
		term.From = ticket.FromWritten
	}
	due, err := d.cfg.Calendar.Due(s.Ticket.TermStart(), term.Days)
	if err != nil {
		term.From = ticket.FromReceived
		due, err = d.cfg.Calendar.Due(s.Ticket.ReceivedAt, term.Days)
	}
	if err != nil {
		return ticket.Change{}, fault.New(fault.Permanent, "desk.classify", err)
	}
	return s.Ticket.Classify(by, ticket.Correction{
		Intent: o.Intent, Mention: s.JudgedBy(), Reason: o.Reason, DueDate: due.String(), DueAt: d.cfg.Calendar.EndOf(due), Term: term,
	}, d.cfg.Policy, now)
}
