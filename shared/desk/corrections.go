package desk

import (
	"cmp"
	"context"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/ticket"
)

// The two sets that are taken out: what the model learns from, and what it is measured by. No mention is in both.
const (
	setTraining = "entrenamiento"
	setBlind    = "ciega"
)

// What a row says of itself in its column for hard examples: which of its codes are a person's. The others are the model's own, and
// teach it nothing it does not say already.
const (
	onlyIntent     = "solo_clase"
	intentUrgency  = "clase_y_urgencia"
	nothingToState = "-"
)

// said is what people said of one mention. Urgency is "" where nobody said it.
type said struct {
	at      sample
	intent  classify.Intent
	urgency classify.Urgency
}

// corrections takes out what people said of mentions in the period, as rows that cmd/entrenar reads: texts without personal data, of
// cases that this person may know of, while their words may be kept. Who took out what stands in the bitácora before it is answered.
func (d *Desk) corrections(ctx context.Context, by ticket.Actor, s span, q url.Values) (content, error) {
	set := cmp.Or(q.Get("set"), setTraining)
	if set != setTraining && set != setBlind {
		return content{}, fault.Reject("desk.corrections", "set", "El conjunto es entrenamiento o ciega.")
	}
	labels, err := d.cfg.Feedback.Labels(ctx, s.period.From, s.period.To)
	if err != nil {
		return content{}, err
	}
	var all []said
	if set == setTraining {
		decisions, err := d.cfg.Feedback.Decisions(ctx, s.period.From, s.period.To)
		if err != nil {
			return content{}, err
		}
		all = learnt(decisions, labels)
	} else {
		all = measured(labels)
	}
	rows := [][]string{{"network", "public", "intent", "secondary", "urgency", "sentiment", "topics", "pii", "hard", "text"}}
	if len(all) > maxExamples {
		return content{}, fault.Reject("desk.corrections", "from", "Son más de 5.000 mensajes: pide menos días.")
	}
	for _, made := range atOnce(len(all), func(i int) example { return d.example(ctx, by, all[i]) }) {
		switch {
		case made.err == nil:
			rows = append(rows, made.row)
		case !refused(made.err):
			return content{}, made.err
		}
	}
	entry := audit.Entry{
		Ticket: "export:" + ticket.NewID(d.cfg.Arrived(ctx), d.cfg.Entropy()), Version: 1, At: d.cfg.Arrived(ctx), Actor: by.ID, ActorName: by.Name,
		Kind: audit.ModelExported, Scope: audit.OfModel,
		Facts: map[string]string{
			"set": set, "from": s.period.From.Format(stamp), "to": s.period.To.Format(stamp), "rows": strconv.Itoa(len(rows) - 1),
		},
	}.Seal("")
	return content{rows: rows}, d.cfg.Cases.Commit(ctx, ticket.Change{Logged: []audit.Entry{entry}})
}

const stamp = "2006-01-02T15:04:05Z07:00"

// learnt is the last that people said of each mention which is not of the blind audit, whoever decided about it: a label says more
// than a decision on the case.
func learnt(decisions []ticket.Decision, labels []ticket.Label) []said {
	last := map[sample]said{}
	for _, one := range decisions { // in the order of time
		at := sample{ticket: one.Ticket, item: one.Mention}
		last[at] = said{at, one.To, ""}
	}
	for _, l := range labels {
		if l.Kind == ticket.LabelMargin {
			at := sample{ticket: l.Ticket, item: l.Mention}
			last[at] = said{at, l.Intent, l.Urgency}
		}
	}
	var out []said
	for at, one := range last {
		if !ticket.Blind(at.item) {
			out = append(out, one)
		}
	}
	return inOrder(out)
}

// measured are the blind labels.
func measured(labels []ticket.Label) []said {
	var out []said
	for _, l := range labels {
		if l.Kind == ticket.LabelBlind {
			out = append(out, said{sample{ticket: l.Ticket, item: l.Mention}, l.Intent, l.Urgency})
		}
	}
	return inOrder(out)
}

func inOrder(all []said) []said {
	slices.SortFunc(all, func(a, b said) int {
		return cmp.Or(cmp.Compare(a.at.ticket, b.at.ticket), cmp.Compare(a.at.item, b.at.item))
	})
	return all
}

// maxExamples is how many rows are taken out at once: what a request has time to read.
const maxExamples = 5000

// example is one row, or why there is none.
type example struct {
	row []string
	err error
}

// example makes the row of a mention; NotFound where there are no words of it any more, or this person may not know of its case.
func (d *Desk) example(ctx context.Context, by ticket.Actor, one said) example {
	s, past, err := d.withPast(ctx, one.at.ticket)
	if err != nil {
		return example{err: err}
	}
	at := slices.IndexFunc(s.Mentions, func(m ticket.Mention) bool { return m.Key == one.at.item })
	if at < 0 || s.Mentions[at].Deleted || s.Mentions[at].Text == "" || !s.Within(ticket.ReachOf(by), past) {
		return example{err: fault.New(fault.NotFound, "desk.example", ticket.ErrGone)}
	}
	m := s.Mentions[at]
	text, kinds := classify.Taught(m.Text)
	guess := d.cfg.Classifier.Classify(classify.Input{Text: text, Network: s.Ticket.Network, Public: m.Public})
	public, whose := "0", onlyIntent
	if m.Public {
		public = "1"
	}
	if one.urgency != "" {
		guess.Urgency, whose = one.urgency, intentUrgency
	}
	return example{row: []string{
		string(s.Ticket.Network), public, string(one.intent), nothingToState, string(guess.Urgency), string(guess.Sentiment), listed(guess.Topics), listed(kinds),
		whose, text,
	}}
}

func listed(codes []string) string {
	if len(codes) == 0 {
		return nothingToState
	}
	return strings.Join(codes, ",")
}

// plain writes rows as cmd/entrenar reads them: nothing is quoted, a tab inside of a text is a blank and a line break is \n.
func plain(w io.Writer, rows [][]string) {
	for _, row := range rows {
		fields := make([]string, len(row))
		for i, field := range row {
			fields[i] = strings.NewReplacer("\t", " ", "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(field)
		}
		_, _ = io.WriteString(w, strings.Join(fields, "\t")+"\n") // whoever asked is gone
	}
}
