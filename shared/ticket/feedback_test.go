package ticket_test

import (
	"encoding/base64"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/audit"
	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// ids are how each network names what people write.
func ids() map[mention.Network]func(n int) string {
	return map[mention.Network]func(n int) string{
		mention.Facebook:  func(n int) string { return fmt.Sprintf("122100000000000_%015d", 554433221100000+n) },
		mention.Instagram: func(n int) string { return fmt.Sprint(17_900_000_000_000_000 + n*7) },
		mention.X:         func(n int) string { return fmt.Sprint(1_990_000_000_000_000_000 + n*4194304) },
		mention.LinkedIn: func(n int) string {
			return fmt.Sprintf("urn:li:comment:(urn:li:activity:%d,%d)", 7_400_000_000_000_000_000+n/9, 7_400_000_100_000_000_000+n)
		},
		mention.WhatsApp: func(n int) string {
			return "wamid." + base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "56900112233FAB%010d", n))
		},
	}
}

// Of the ids of each network, and of those of any stretch of them, one in twenty is of the audit: four standard errors of so many
// leave room for chance and for nothing else.
func TestBlind_OneInTwenty(t *testing.T) {
	const n = 20_000
	bound := 4 * math.Sqrt(0.05*0.95/n)
	for network, id := range ids() {
		for _, first := range []int{0, 1_000_000} {
			chosen := 0
			for i := range n {
				if ticket.Blind(id(first + i)) {
					chosen++
				}
			}
			if share := float64(chosen) / n; math.Abs(share-0.05) > bound {
				t.Errorf("%s from %d: %.4f, want 0.05 ± %.4f", network, first, share, bound)
			}
		}
	}
}

// That a mention is of the audit says nothing about the one that came after it.
func TestBlind_NeighboursAreIndependent(t *testing.T) {
	both, n := 0, 40_000
	id := ids()[mention.X]
	for i := range n {
		if ticket.Blind(id(i)) && ticket.Blind(id(i+1)) {
			both++
		}
	}
	if want := 0.0025 * float64(n); math.Abs(float64(both)-want) > 4*math.Sqrt(want) {
		t.Errorf("%d pairs of neighbours, want about %.0f", both, want)
	}
}

// Whether a mention is of the audit is for ever: another hash would bring into the audit what was trained on.
func TestBlind_IsForEver(t *testing.T) {
	var chosen []string
	for i := range 60 {
		if id := fmt.Sprint("mencion-", i); ticket.Blind(id) {
			chosen = append(chosen, id)
		}
	}
	if diff := cmp.Diff([]string{"mencion-15", "mencion-16", "mencion-17"}, chosen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// item gives an id that is, or is not, of the audit.
func item(blind bool) string {
	for i := 0; ; i++ {
		if id := ids()[mention.Facebook](i); ticket.Blind(id) == blind {
			return id
		}
	}
}

// judged is a case of one mention that the model took for the class, with its past.
func judged(i classify.Intent, blind bool) (ticket.Story, []audit.Entry) {
	c := opened(result(i, 0.6))
	c.Ticket.First, c.Mentions[0].Key = item(blind), item(blind)
	return ticket.Story{Ticket: *c.Ticket, Mentions: c.Mentions}, []audit.Entry{*c.Entry}
}

func TestLabel(t *testing.T) {
	for _, tt := range []struct {
		name  string
		blind bool
		kind  ticket.LabelKind
		by    ticket.Actor
		class classify.Intent
		with  func(*ticket.Story, *[]audit.Entry, *ticket.LabelOrder, *time.Time)
		want  fault.Kind
	}{
		{name: "of the audit", blind: true, kind: ticket.LabelBlind, by: jefa},
		{name: "in doubt", kind: ticket.LabelMargin, by: jefa},
		{name: "who answers may not", blind: true, kind: ticket.LabelBlind, by: anna, want: fault.Denied},
		{name: "not of the audit", kind: ticket.LabelBlind, by: jefa, want: fault.NotFound},
		{name: "what measures never teaches", blind: true, kind: ticket.LabelMargin, by: jefa, want: fault.NotFound},
		{name: "no such kind", blind: true, kind: "otra", by: jefa, want: fault.NotFound},
		{name: "a denuncia is nobody else's", blind: true, kind: ticket.LabelBlind, by: jefa, class: classify.Denuncia, want: fault.NotFound},
		{name: "a denuncia is whose it is", blind: true, kind: ticket.LabelBlind, by: denun, class: classify.Denuncia},
		{name: "another case is not theirs", blind: true, kind: ticket.LabelBlind, by: denun, want: fault.NotFound},
		{name: "it was a denuncia once", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.NotFound, with: func(_ *ticket.Story, past *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			*past = append(*past, audit.Entry{Version: 2, Scope: audit.Crossing})
		}},
		{name: "who holds it has seen it", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.Denied, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Ticket.Assignee = jefa.ID
		}},
		{name: "who had it has seen it", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.Denied, with: func(_ *ticket.Story, past *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			*past = append(*past, audit.Entry{Version: 2, Actor: jefa.ID, Kind: audit.TicketClassified})
		}},
		{name: "in doubt, who has it may", kind: ticket.LabelMargin, by: jefa, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Ticket.Assignee = jefa.ID
		}},
		{name: "withdrawn", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.NotFound, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Mentions[0].Deleted = true
		}},
		{name: "its words are over", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.NotFound, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Mentions[0].Text = ""
		}},
		{name: "never judged", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.NotFound, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Mentions[0].Judged = nil
		}},
		{name: "a month ago", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.NotFound, with: func(_ *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, now *time.Time) {
			*now = now.Add(ticket.BlindFor)
		}},
		{name: "in doubt two days ago", kind: ticket.LabelMargin, by: jefa, want: fault.NotFound, with: func(_ *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, now *time.Time) {
			*now = now.Add(48 * time.Hour)
		}},
		{name: "given already", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.Conflict, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Labels = []ticket.Label{{Mention: item(true), Kind: ticket.LabelBlind, Rev: 1}}
		}},
		{name: "taken back", blind: true, kind: ticket.LabelBlind, by: jefa, with: func(s *ticket.Story, _ *[]audit.Entry, _ *ticket.LabelOrder, _ *time.Time) {
			s.Labels = []ticket.Label{{Mention: item(true), Kind: ticket.LabelBlind, Rev: 2, Undone: noon}}
		}},
		{name: "no such class", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.Invalid, with: func(_ *ticket.Story, _ *[]audit.Entry, o *ticket.LabelOrder, _ *time.Time) {
			o.Intent = "queja"
		}},
		{name: "no such urgency", blind: true, kind: ticket.LabelBlind, by: jefa, want: fault.Invalid, with: func(_ *ticket.Story, _ *[]audit.Entry, o *ticket.LabelOrder, _ *time.Time) {
			o.Urgency = ""
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.class == "" {
				tt.class = classify.Consulta
			}
			s, past := judged(tt.class, tt.blind)
			o := ticket.LabelOrder{Mention: item(tt.blind), Kind: tt.kind, Intent: classify.Reclamo, Urgency: classify.Alta}
			now := noon
			if tt.with != nil {
				tt.with(&s, &past, &o, &now)
			}
			c, err := s.Label(tt.by, o, past, now)
			if fault.Of(err) != tt.want {
				t.Fatalf("%v, want %s", err, tt.want)
			}
			if err != nil {
				return
			}
			was := 0
			if len(s.Labels) > 0 {
				was = s.Labels[0].Rev
			}
			want := ticket.Label{
				Ticket: "01TICKET", Mention: o.Mention, At: noon.Add(-time.Hour), Network: mention.Facebook, Kind: tt.kind, Model: *s.Mentions[0].Judged,
				Intent: classify.Reclamo, Urgency: classify.Alta, By: tt.by.ID, ByName: tt.by.Name, LabelledAt: noon, Rev: was + 1,
				Expires: noon.Add(400 * 24 * time.Hour),
			}
			if diff := cmp.Diff(want, *c.Label); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if c.Ticket != nil || c.Entry != nil || len(c.Mentions) > 0 {
				t.Error("a label touches its case")
			}
		})
	}
}

func TestUnlabel(t *testing.T) {
	s, past := judged(classify.Consulta, true)
	o := ticket.LabelOrder{Mention: item(true), Kind: ticket.LabelBlind, Intent: classify.Reclamo, Urgency: classify.Alta}
	c, err := s.Label(jefa, o, past, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.Labels = []ticket.Label{*c.Label}
	for name, tt := range map[string]struct {
		by   ticket.Actor
		kind ticket.LabelKind
		now  time.Time
		want fault.Kind
	}{
		"in time":        {jefa, ticket.LabelBlind, noon.Add(10 * time.Minute), 0},
		"too late":       {jefa, ticket.LabelBlind, noon.Add(10*time.Minute + 1), fault.Conflict},
		"somebody's own": {denun, ticket.LabelBlind, noon, fault.NotFound},
		"another kind":   {jefa, ticket.LabelMargin, noon, fault.NotFound},
	} {
		c, err := s.Unlabel(tt.by, item(true), tt.kind, tt.now)
		if fault.Of(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
		if err == nil && (c.Label.Stands() || c.Label.Rev != 2) {
			t.Errorf("%s: %+v", name, c.Label)
		}
	}
	back, err := s.Unlabel(jefa, item(true), ticket.LabelBlind, noon)
	if err != nil {
		t.Fatal(err)
	}
	s.Labels = []ticket.Label{*back.Label}
	if _, err := s.Unlabel(jefa, item(true), ticket.LabelBlind, noon); fault.Of(err) != fault.NotFound {
		t.Errorf("taken back twice: %v", err)
	}
}

// What the entry of a decision says can be read back out of it: a correction and a confirmation, and nothing out of another entry.
func TestDecision(t *testing.T) {
	s, _ := judged(classify.Consulta, false)
	s.Ticket.Intent.Version = "lineal-1/n2"
	for _, to := range []classify.Intent{classify.Consulta, classify.Reclamo} {
		c, err := s.Ticket.Classify(jefa, ticket.Correction{Intent: to, Mention: s.JudgedBy()}, ticket.DefaultPolicy(), noon)
		if err != nil {
			t.Fatal(err)
		}
		got, is := ticket.DecisionOf(*c.Entry)
		want := ticket.Decision{
			Ticket: "01TICKET", Mention: item(false), Network: mention.Facebook, Version: "lineal-1/n2", Model: classify.Consulta, Confidence: 0.6,
			From: classify.Consulta, To: to, By: jefa.ID, At: noon,
		}
		if diff := cmp.Diff(want, got); !is || diff != "" {
			t.Errorf("%s: %t (-want +got)\n%s", to, is, diff)
		}
		if got.Corrects() != (to == classify.Reclamo) {
			t.Errorf("%s corrects: %t", to, got.Corrects())
		}
	}
	for name, e := range map[string]audit.Entry{
		"of before":     {Kind: audit.TicketClassified, Actor: jefa.ID, Facts: map[string]string{"from": "consulta", "to": "spam"}},
		"by the system": {Kind: audit.TicketClassified, Actor: audit.System, Facts: map[string]string{"mention": "1", "confidence": "0.5"}},
		"of another":    {Kind: audit.TicketClaimed, Actor: jefa.ID, Facts: map[string]string{"mention": "1", "confidence": "0.5"}},
		"without share": {Kind: audit.TicketClassified, Actor: jefa.ID, Facts: map[string]string{"mention": "1"}},
	} {
		if _, is := ticket.DecisionOf(e); is {
			t.Errorf("%s: read as a decision", name)
		}
	}
}

// The text by which a case has its class is the latest that the model said it of, or the one that opened it.
func TestStory_JudgedBy(t *testing.T) {
	said := func(id string, i classify.Intent) ticket.Mention {
		return ticket.Mention{Key: id, Judged: &classify.Judgement{Intent: i}}
	}
	s := ticket.Story{
		Ticket:   ticket.Ticket{First: "a", Intent: ticket.Intent{Model: classify.Reclamo}},
		Mentions: []ticket.Mention{said("a", classify.Consulta), said("b", classify.Reclamo), said("c", classify.Spam), {Key: "d"}},
	}
	if got := s.JudgedBy(); got != "b" {
		t.Errorf("by %s, want b", got)
	}
	s.Ticket.Intent.Model = classify.Denuncia
	if got := s.JudgedBy(); got != "a" {
		t.Errorf("by %s, want the first", got)
	}
}
