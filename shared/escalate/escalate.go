// Package escalate files cases in SIAC, each once: it claims, posts once, and records the folio; after an unknown outcome it
// looks the case up by our own number before it posts again under the same Idempotency-Key.
package escalate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/ticket"
	"sence.gob.cl/gestor/shared/unit"
)

// Case is what SIAC is told of a case (domain.md §5.4). EnteredAt is when the person wrote.
type Case struct {
	IdempotencyKey string
	ExternalRef    string
	Network        string
	Type           string
	Description    string
	EnteredAt      time.Time
	Region         string
	PersonType     string
}

// Filer is SIAC.
type Filer interface {
	// File posts the case with exactly one call and gives its folio. Its error's kind decides: Transient was proven not to
	// have happened, Uncertain may have, the rest never will.
	File(ctx context.Context, c Case) (folio string, err error)
	// Find looks a case up by our own number.
	Find(ctx context.Context, externalRef string) (folio string, found bool, err error)
}

// Store is what escalate reads and writes.
type Store interface {
	Story(ctx context.Context, id string) (ticket.Story, error)
	Message(ctx context.Context, ref outbox.Ref) (m outbox.Message, claimed, found bool, err error)
	Commit(ctx context.Context, c ticket.Change) error
}

// Config is what a Worker needs. Jitter gives a number in [0,1).
type Config struct {
	Store  Store
	Filer  Filer
	Jitter func() float64
}

// Worker carries out siac.file and siac.check.
type Worker struct{ cfg Config }

// New makes the worker.
func New(cfg Config) *Worker { return &Worker{cfg: cfg} }

// giveUp is how long filing is tried before a person is told (domain.md §6.2: 24 h); the citizen's term runs on meanwhile.
const giveUp = 24 * time.Hour

// firstLook is when an unknown filing is looked up first.
const firstLook = 2 * time.Second

// Handle carries out one message at the instant now.
func (w *Worker) Handle(ctx context.Context, now time.Time, body string) error {
	const op = "escalate.Handle"
	var m outbox.Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return fault.New(fault.Poison, op, err)
	}
	work := unit.Of(ctx)
	work.Follow(m.Trace)
	work.Ticket(m.Ticket)
	_, claimed, found, err := w.cfg.Store.Message(ctx, m.Ref())
	if err != nil || !found {
		return err // not found: undone or already recorded
	}
	switch m.Topic {
	case outbox.File:
		if claimed {
			return w.record(ctx, now, m, "", fault.New(fault.Uncertain, op, errors.New("an earlier try never came back")))
		}
		return w.file(ctx, now, m)
	case outbox.Check:
		return w.check(ctx, now, m)
	case outbox.Publish, outbox.Verify, outbox.Notify, outbox.Act, outbox.FetchItem, outbox.CopyMedia, outbox.Forget, outbox.Connect,
		outbox.Look, outbox.Prepare, outbox.Broadcast, outbox.Confirm, outbox.Lapse:
		return fault.New(fault.Poison, op, errors.New("not a topic of this worker"))
	default:
		return fault.New(fault.Poison, op, errors.New("unknown topic"))
	}
}

// file claims, posts once, and records the outcome.
func (w *Worker) file(ctx context.Context, now time.Time, m outbox.Message) error {
	story, err := w.cfg.Store.Story(ctx, m.Ticket)
	if err != nil {
		return err
	}
	if withheld(story.Ticket) {
		return w.withhold(ctx, now, m)
	}
	ref := m.Ref()
	err = w.cfg.Store.Commit(ctx, ticket.Change{Claim: &ref, ClaimAt: now})
	switch {
	case fault.Is(err, fault.NotFound):
		return nil // undone between our look and our claim
	case fault.Is(err, fault.Duplicate):
		return w.record(ctx, now, m, "", fault.New(fault.Uncertain, "escalate.file", errors.New("an earlier try never came back")))
	case err != nil:
		return err
	}
	if m.Doubt { // nothing cancels this message when the case becomes a denuncia, so look once more
		if story, err = w.cfg.Store.Story(ctx, m.Ticket); err != nil {
			return err
		}
		if withheld(story.Ticket) {
			return w.withhold(ctx, now, m)
		}
	}
	folio, err := w.cfg.Filer.File(ctx, caseOf(story))
	return w.record(ctx, now, m, folio, err)
}

// withheld reports whether the case may not be posted: a denuncia never goes to SIAC by itself (E-4). A filing that surely
// did not happen is cancelled by the step that makes the case a denuncia; one that perhaps did goes on to its next message.
func withheld(t ticket.Ticket) bool { return t.Intent.Final == classify.Denuncia }

// withhold ends the filing of what has become a denuncia: nothing is posted, and whether SIAC has it is for a person.
func (w *Worker) withhold(ctx context.Context, now time.Time, m outbox.Message) error {
	return w.settle(ctx, now, m, func(t ticket.Ticket) ticket.Change { return stuck(t, m, reasonDenuncia, now) })
}

// check looks the case up; what SIAC surely does not show is posted again, under the same key.
func (w *Worker) check(ctx context.Context, now time.Time, m outbox.Message) error {
	m.Doubt = true
	story, err := w.cfg.Store.Story(ctx, m.Ticket)
	if err != nil {
		return err
	}
	folio, found, err := w.cfg.Filer.Find(ctx, story.Ticket.Number)
	return w.settle(ctx, now, m, func(t ticket.Ticket) ticket.Change {
		switch {
		case found:
			return t.FiledStep(m.Ref(), folio, now)
		case now.Sub(m.First) > giveUp, fault.Is(err, fault.Permanent):
			return stuck(t, m, code(err), now)
		case err != nil:
			return lookUp(t, m, now.Add(w.wait(m.Attempt, err)), code(err), now)
		case withheld(t):
			return stuck(t, m, reasonDenuncia, now)
		default:
			return again(t, m, now.Add(outbox.Backoff(m.Attempt, w.cfg.Jitter())), "no_encontrado", now)
		}
	})
}

// record commits the outcome of the one post that m stood for.
func (w *Worker) record(ctx context.Context, now time.Time, m outbox.Message, folio string, err error) error {
	return w.settle(ctx, now, m, func(t ticket.Ticket) ticket.Change {
		switch fault.Of(err) {
		case fault.Transient:
			if now.Sub(m.First) > giveUp {
				return stuck(t, m, code(err), now)
			}
			return again(t, m, now.Add(w.wait(m.Attempt, err)), code(err), now)
		case fault.Denied, fault.Permanent, fault.Invalid, fault.NotFound:
			return stuck(t, m, code(err), now)
		case fault.Duplicate, fault.Conflict, fault.Poison, fault.Uncertain:
			return lookUp(t, m, now.Add(firstLook), code(err), now)
		default:
			if err != nil {
				return lookUp(t, m, now.Add(firstLook), code(err), now)
			}
			return t.FiledStep(m.Ref(), folio, now)
		}
	})
}

// lookUp plans a look-up: from here on nobody can say that SIAC does not have the case.
func lookUp(t ticket.Ticket, m outbox.Message, due time.Time, reason string, now time.Time) ticket.Change {
	next := m.Again(outbox.Check, due)
	next.Doubt = true
	return t.FilingAgainStep(m.Ref(), next, ticket.FilingUnknown, reason, now)
}

// again plans the next post. A case that may be in SIAC already stays unknown meanwhile, so that nobody undoes what may
// have happened.
func again(t ticket.Ticket, m outbox.Message, due time.Time, reason string, now time.Time) ticket.Change {
	state := ticket.Pending
	if m.Doubt {
		state = ticket.FilingUnknown
	}
	return t.FilingAgainStep(m.Ref(), m.Again(outbox.File, due), state, reason, now)
}

// stuck gives the filing to a person. Refused is only what SIAC never may have taken: a person told so files it by hand,
// and then there are two.
func stuck(t ticket.Ticket, m outbox.Message, reason string, now time.Time) ticket.Change {
	if m.Doubt {
		return t.FilingStuckStep(m.Ref(), ticket.FilingUnknown, ticket.MatterSIACUnknown, reason, now)
	}
	return t.FilingStuckStep(m.Ref(), ticket.NotFiled, ticket.MatterSIACRefused, reason, now)
}

// reasonDenuncia is why a filing that perhaps happened is not gone on with.
const reasonDenuncia = "ahora_denuncia"

// reasonForeign is why a filing waits for a person whose folio we know as that of another case.
const reasonForeign = "folio_de_otro_caso"

// settle commits what decide makes of the freshest case; who loses to another writer reads and decides again. A folio that
// belongs to another case is nobody's: a person must ask SIAC.
func (w *Worker) settle(ctx context.Context, now time.Time, m outbox.Message, decide func(ticket.Ticket) ticket.Change) error {
	const rounds = 6
	for range rounds {
		story, err := w.cfg.Store.Story(ctx, m.Ticket)
		if err != nil {
			return err
		}
		err = w.cfg.Store.Commit(ctx, decide(story.Ticket))
		switch {
		case fault.Is(err, fault.Conflict):
			continue
		case errors.Is(err, ticket.ErrFolioTaken):
			decide = func(t ticket.Ticket) ticket.Change {
				return t.FilingStuckStep(m.Ref(), ticket.FilingUnknown, ticket.MatterSIACUnknown, reasonForeign, now)
			}
		case fault.Is(err, fault.NotFound):
			return nil // the message is gone: its outcome was recorded by another try
		default:
			return err
		}
	}
	return fault.New(fault.Transient, "escalate.settle", errors.New("lost every round to other writers"))
}

// wait is how long to stay away: what the other side asks for, or the back-off of the attempt.
func (w *Worker) wait(attempt int, err error) time.Duration {
	return max(fault.RetryAfter(err), outbox.Backoff(attempt, w.cfg.Jitter()))
}

// code is what the bitácora keeps of a failure.
func code(err error) string {
	if err == nil {
		return ""
	}
	return fault.Of(err).String()
}

// maxDescription is the longest description sent, in characters.
const maxDescription = 8000

// caseOf tells SIAC what the citizen wrote, in order; the Idempotency-Key is red:tipo:id_mensaje of the first mention.
func caseOf(s ticket.Story) Case {
	var texts []string
	for _, m := range s.Mentions {
		if m.Text != "" {
			texts = append(texts, m.Text)
		}
	}
	description := []rune(strings.Join(texts, "\n\n"))
	if len(description) == 0 {
		description = []rune("(sin texto)")
	}
	if len(description) > maxDescription {
		description = description[:maxDescription]
	}
	t := s.Ticket
	return Case{
		IdempotencyKey: keyOf(t), ExternalRef: t.Number, Network: string(t.Network), Type: string(t.Intent.Final),
		Description: string(description), EnteredAt: t.OpenedAt, Region: t.Region, PersonType: t.TipoPersona,
	}
}

// maxKey is the longest Idempotency-Key, in characters.
const maxKey = 128

// keyOf is red:tipo:id_mensaje. An id too long for it is replaced by its hash: long ids of one network begin alike, so a
// key cut short would be that of another case too.
func keyOf(t ticket.Ticket) string {
	key := string(t.Network) + ":" + string(t.Kind) + ":"
	if len(key)+len(t.First) <= maxKey {
		return key + t.First
	}
	sum := sha256.Sum256([]byte(t.First))
	return key + hex.EncodeToString(sum[:])
}
