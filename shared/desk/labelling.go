package desk

import (
	"cmp"
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// Feedback is the store as those need it who look at how well the classifier does.
type Feedback interface {
	Readings(ctx context.Context, from, to time.Time) ([]ticket.Reading, error)
	Decisions(ctx context.Context, from, to time.Time) ([]ticket.Decision, error)
	Labels(ctx context.Context, from, to time.Time) ([]ticket.Label, error)
}

// How many mentions the tray shows of the blind audit, how many of a day it asks about because the model was in doubt, and how many
// of the audit it looks at to find some that this person may label.
const (
	blindShown   = 30
	marginPerDay = 20
	marginDay    = 24 * time.Hour
	traysLook    = 200
)

// unlabelledJSON is a mention that waits for a label: nothing of it tells what the model said, nor whose it is.
type unlabelledJSON struct {
	Mention string           `json:"mention"`
	Kind    ticket.LabelKind `json:"kind"`
	Network mention.Network  `json:"network"`
	Public  bool             `json:"public"`
	Text    string           `json:"text"`
}

// labelledJSON is what became of a mention.
type labelledJSON struct {
	Mention    string           `json:"mention"`
	Kind       ticket.LabelKind `json:"kind"`
	Intent     classify.Intent  `json:"intent"`
	Urgency    classify.Urgency `json:"urgency"`
	LabelledAt time.Time        `json:"labelledAt"`
	Undone     bool             `json:"undone"`
}

// sample is where a label is given: a mention of a case, of one kind. People know it as one word.
type sample struct {
	ticket, item string
	kind         ticket.LabelKind
}

func (p sample) word() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strings.Join([]string{string(p.kind), p.ticket, p.item}, "|")))
}

// sampleOf reads a word back; who made it up finds out nothing: what it names is asked for like everything else.
func sampleOf(word string) (sample, error) {
	raw, err := base64.RawURLEncoding.DecodeString(word)
	parts := strings.SplitN(string(raw), "|", 3)
	if err != nil || len(parts) != 3 || parts[1] == "" || parts[2] == "" {
		return sample{}, fault.New(fault.NotFound, "desk.sampleOf", ticket.ErrGone)
	}
	return sample{kind: ticket.LabelKind(parts[0]), ticket: parts[1], item: parts[2]}, nil
}

// labelling gives the mentions that wait for this person's label.
func (d *Desk) labelling(w http.ResponseWriter, req *http.Request) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanLabel)) {
		return
	}
	items, err := d.tray(req.Context(), by, d.cfg.Arrived(req.Context()))
	if err != nil {
		d.fail(w, req, err, nil)
		return
	}
	d.json(w, http.StatusOK, page[unlabelledJSON]{Items: items})
}

// tray gathers what waits: of the blind audit the oldest, then what the model was least sure of since a day ago.
func (d *Desk) tray(ctx context.Context, by ticket.Actor, now time.Time) ([]unlabelledJSON, error) {
	readings, err := d.cfg.Feedback.Readings(ctx, now.Add(-ticket.BlindFor), now.Add(time.Second))
	if err != nil {
		return nil, err
	}
	labels, err := d.cfg.Feedback.Labels(ctx, now.Add(-ticket.BlindFor), now.Add(time.Second))
	if err != nil {
		return nil, err
	}
	done := map[sample]bool{}
	for _, l := range labels {
		done[sample{l.Ticket, l.Mention, l.Kind}] = true
	}
	blind, doubtful := candidates(readings, ticket.ReachOf(by), now)
	over := func(s sample) bool { return done[s] }
	wanted := append(firstOf(slices.DeleteFunc(blind, over), traysLook), slices.DeleteFunc(doubtful, over)...)
	out, audited := []unlabelledJSON{}, 0
	for _, one := range atOnce(len(wanted), func(i int) looked { return d.unlabelled(ctx, by, wanted[i], now) }) {
		switch {
		case one.err != nil && !refused(one.err):
			return nil, one.err
		case one.err != nil, one.shown.Kind == ticket.LabelBlind && audited == blindShown:
			continue
		case one.shown.Kind == ticket.LabelBlind:
			audited++
		}
		out = append(out, one.shown)
	}
	return out, nil
}

func firstOf[T any](all []T, n int) []T { return all[:min(len(all), n)] }

// looked is a mention of the tray, or why it is not in it.
type looked struct {
	shown unlabelledJSON
	err   error
}

// refused reports whether it is only this person, or this mention, that there is no label for.
func refused(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) || fault.Is(err, fault.Conflict)
}

// candidates are the mentions to ask about: those of the blind audit in the order in which they came, then the twenty of the last day
// that the model was least sure of. Who answers for denuncias alone is shown first what may be one.
func candidates(readings []ticket.Reading, who ticket.Reach, now time.Time) (audit, doubt []sample) {
	var blind, doubtful []ticket.Reading
	for _, r := range readings {
		switch {
		case ticket.Blind(r.Mention):
			blind = append(blind, r)
		case now.Sub(r.At) < marginDay:
			doubtful = append(doubtful, r)
		}
	}
	slices.SortStableFunc(blind, func(a, b ticket.Reading) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(doubtful, func(a, b ticket.Reading) int {
		return cmp.Or(cmp.Compare(a.Said.Margin, b.Said.Margin), a.At.Compare(b.At), cmp.Compare(a.Mention, b.Mention))
	})
	if who.Restricted && !who.Ordinary {
		slices.SortStableFunc(blind, func(a, b ticket.Reading) int { return cmp.Compare(a.Said.Intent.Rank(), b.Said.Intent.Rank()) })
	}
	for _, r := range blind {
		audit = append(audit, sample{r.Ticket, r.Mention, ticket.LabelBlind})
	}
	for _, r := range firstOf(doubtful, marginPerDay) {
		doubt = append(doubt, sample{r.Ticket, r.Mention, ticket.LabelMargin})
	}
	return audit, doubt
}

// unlabelled reads a mention that this person may label.
func (d *Desk) unlabelled(ctx context.Context, by ticket.Actor, at sample, now time.Time) looked {
	s, past, err := d.withPast(ctx, at.ticket)
	if err != nil {
		return looked{err: err}
	}
	m, err := s.MayLabel(by, at.item, at.kind, past, now)
	return looked{unlabelledJSON{at.word(), at.kind, s.Ticket.Network, m.Public, classify.Shown(m.Text)}, err}
}

// withPast reads a case with its past.
func (d *Desk) withPast(ctx context.Context, id string) (ticket.Story, []audit.Entry, error) {
	s, err := d.cfg.Cases.Story(ctx, id)
	if err != nil {
		return s, nil, err
	}
	past, err := d.cfg.Cases.History(ctx, id)
	return s, past, err
}

// labelOrder is the body of a label.
type labelOrder struct {
	Intent  classify.Intent  `json:"intent"`
	Urgency classify.Urgency `json:"urgency"`
}

// label takes what a person says of a mention.
func (d *Desk) label(w http.ResponseWriter, req *http.Request) {
	d.onLabel(w, req, http.StatusCreated, func(s ticket.Story, past []audit.Entry, by ticket.Actor, at sample, o labelOrder, now time.Time) (ticket.Change, error) {
		return s.Label(by, ticket.LabelOrder{Mention: at.item, Kind: at.kind, Intent: o.Intent, Urgency: o.Urgency}, past, now)
	})
}

// unlabel takes it back.
func (d *Desk) unlabel(w http.ResponseWriter, req *http.Request) {
	d.onLabel(w, req, http.StatusOK, func(s ticket.Story, _ []audit.Entry, by ticket.Actor, at sample, _ labelOrder, now time.Time) (ticket.Change, error) {
		return s.Unlabel(by, at.item, at.kind, now)
	})
}

// onLabel carries out a write on the label of the mention in the address.
func (d *Desk) onLabel(
	w http.ResponseWriter, req *http.Request, status int,
	decide func(s ticket.Story, past []audit.Entry, by ticket.Actor, at sample, o labelOrder, now time.Time) (ticket.Change, error),
) {
	by, err := d.caller(req)
	if !d.admit(w, req, err, ticket.Allowed(by, ticket.CanLabel)) {
		return
	}
	click, o, bad := asked[labelOrder](req, by)
	if bad != nil {
		d.problem(w, *bad)
		return
	}
	if d.repeated(w, req, click) {
		return
	}
	at, err := sampleOf(req.PathValue("mention"))
	var s ticket.Story
	var past []audit.Entry
	if err == nil {
		s, past, err = d.withPast(req.Context(), at.ticket)
	}
	var change ticket.Change
	if err == nil {
		change, err = decide(s, past, by, at, o, d.cfg.Arrived(req.Context()))
	}
	if err != nil {
		d.failLabel(w, req, err)
		return
	}
	l := change.Label
	shown := labelledJSON{req.PathValue("mention"), l.Kind, l.Intent, l.Urgency, l.LabelledAt, !l.Stands()}
	d.write(w, req, click, answer{status, shown}, change, func() {
		d.failLabel(w, req, fault.Say(fault.Conflict, "desk.onLabel", "Otra persona ya revisó este mensaje."))
	})
}

// failLabel answers an error about a label: it is no case that changed.
func (d *Desk) failLabel(w http.ResponseWriter, req *http.Request, err error) {
	if fault.Is(err, fault.Conflict) {
		p := problemOf(err)
		p.Title = "Este mensaje ya no espera"
		d.problem(w, p)
		return
	}
	d.fail(w, req, err, nil)
}
