package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// final is what the order of arrival may not change.
type final struct {
	Text, Excerpt, Target, First, Citizen string
	At, EditedAt, OpenedAt                time.Time
	State                                 ticket.State
	Class                                 classify.Intent
	Filing                                ticket.Filing
	Leaves                                time.Time
	Mentions                              int
	Due                                   string
}

func (w *world) final(key string) final {
	w.Helper()
	s := w.must(key)
	if len(s.Mentions) != 1 || s.Mentions[0].Deleted {
		w.Fatalf("case of %s: %+v", key, s.Mentions)
	}
	w.kinds(s.Ticket.ID)
	t, m := s.Ticket, s.Mentions[0]
	return final{
		Text: m.Text, Excerpt: t.Excerpt, Target: t.Target, First: t.First, Citizen: t.Citizen.Name, At: m.At, EditedAt: m.EditedAt,
		OpenedAt: t.OpenedAt, State: t.State, Class: t.Intent.Final, Filing: t.SIAC.State, Leaves: t.SIAC.Due, Mentions: t.Mentions,
		Due: t.DueDate,
	}
}

// item is one comment and what its author makes of it later, a minute apart each.
func item(person, key string, words ...string) []mention.Event {
	add := said(person, key, words[0], at(noon().Add(-time.Hour)))
	all := []mention.Event{add}
	for n, text := range words[1:] {
		all = append(all, said(person, key, text, is(mention.Edit), at(add.At.Add(time.Duration(n+1)*time.Minute))))
	}
	return all
}

func withdrawal(person, key string) mention.Event {
	return said(person, key, "", is(mention.Delete), at(noon().Add(-time.Minute)))
}

// However the item and its edits arrive, repeated and in whatever order and batches, the case ends the same.
func TestVersions_AnyOrder(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		person, key := fmt.Sprintf("8%08d", run), fmt.Sprintf("v%d", run)
		texts := rapid.SampledFrom([][]string{
			{consulta, consulta + " Gracias.", consulta + " Saludos."}, // the class stays
			{consulta, consulta + " Gracias.", reclamo},                // the last edit raises it
			{felicitacion, consulta, dudoso},
			{consulta, consulta + " Gracias.", consulta}, // the author takes the edit back
		}).Draw(rt, "texts")
		events := item(person, key, texts...)
		program := append(events, rapid.SliceOfN(rapid.SampledFrom(events), 0, 3).Draw(rt, "repeated")...)
		program = rapid.Permutation(program).Draw(rt, "order")
		for len(program) > 0 {
			n := rapid.IntRange(1, len(program)).Draw(rt, "batch")
			w.hears(program[:n]...)
			program = program[n:]
		}
		got := w.final(key)
		inOrder := fmt.Sprintf("o%d", run)
		for _, e := range item(person+"0", inOrder, texts...) {
			w.hears(e)
		}
		want := w.final(inOrder)
		want.Target, want.First = key, key
		if want.Class != classify.Consulta { // a case that is raised keeps the term it was opened with
			want.Due, got.Due = "", ""
		}
		if got.Text != texts[2] || !got.EditedAt.Equal(events[2].At) {
			rt.Fatalf("holds %q of %s", got.Text, got.EditedAt)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("in this order (-in order +got):\n%s", diff)
		}
	})
}

// What its author withdrew is read by nobody, in whatever order the withdrawal arrives: its words stand nowhere.
func TestVersions_WithdrawnInAnyOrder(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		run := w.made.Add(1)
		person, key := fmt.Sprintf("8%08d", run), fmt.Sprintf("w%d", run)
		secret := fmt.Sprintf("secreto%d", run)
		events := append(item(person, key, reclamo+" "+secret, consulta+" "+secret, reclamo+" otra vez "+secret), withdrawal(person, key))
		program := append(events, rapid.SliceOfN(rapid.SampledFrom(events), 0, 3).Draw(rt, "repeated")...)
		program = rapid.Permutation(program).Draw(rt, "order")
		early := true // the withdrawal is known before the item
		for _, e := range program {
			if e.Outcome == mention.Delete || e.Outcome == mention.Interaction {
				early = e.Outcome == mention.Delete
				break
			}
		}
		for _, e := range program {
			w.hears(e)
		}
		s, has := w.story(key)
		if has == early {
			rt.Fatalf("has a case: %t, withdrawn first: %t", has, early)
		}
		if has && (len(s.Mentions) != 1 || !s.Mentions[0].Deleted || s.Mentions[0].Text != "" || s.Ticket.Excerpt != "") {
			rt.Fatalf("the case still shows %+v, excerpt %q", s.Mentions, s.Ticket.Excerpt)
		}
		if seen, found, err := w.store.Seen(t.Context(), mention.X, key); err != nil || !found || !seen.Deleted || seen.Edited != nil {
			rt.Fatalf("remembered as %+v, %v", seen, err)
		}
	})
	if all := w.everything(); strings.Contains(all, "secreto") {
		t.Error("withdrawn words are still stored")
	}
}

func TestVersions_OneByOne(t *testing.T) {
	const person = "80000001"
	tests := []struct {
		name  string
		order func([]mention.Event, mention.Event) []mention.Event // of add, edit 1, edit 2 and the withdrawal
		text  string                                               // "" for a tombstone
		kinds []string                                             // nil for no case
	}{
		{
			"as written", func(v []mention.Event, _ mention.Event) []mention.Event { return v },
			consulta + " 2",
			[]string{"ticket.opened", "mention.edited", "mention.edited"},
		},
		{
			"edit before add", func(v []mention.Event, _ mention.Event) []mention.Event { return []mention.Event{v[1], v[0]} },
			consulta + " 1",
			[]string{"ticket.opened"},
		},
		{
			"newer edit, add, older edit", func(v []mention.Event, _ mention.Event) []mention.Event { return []mention.Event{v[2], v[0], v[1]} },
			consulta + " 2",
			[]string{"ticket.opened"},
		},
		{
			"both edits before add, the newer first", func(v []mention.Event, _ mention.Event) []mention.Event { return []mention.Event{v[2], v[1], v[0]} },
			consulta + " 2",
			[]string{"ticket.opened"},
		},
		{
			"an edit older than the one held", func(v []mention.Event, _ mention.Event) []mention.Event { return []mention.Event{v[0], v[2], v[1]} },
			consulta + " 2",
			[]string{"ticket.opened", "mention.edited"},
		},
		{
			"the same edit twice", func(v []mention.Event, _ mention.Event) []mention.Event { return []mention.Event{v[0], v[1], v[1]} },
			consulta + " 1",
			[]string{"ticket.opened", "mention.edited"},
		},
		{
			"delete after", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{v[0], gone, gone} },
			"",
			[]string{"ticket.opened", "mention.deleted"},
		},
		{
			"edit after delete", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{v[0], gone, v[1]} },
			"",
			[]string{"ticket.opened", "mention.deleted"},
		},
		{
			"add again after delete", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{v[0], gone, v[0]} },
			"",
			[]string{"ticket.opened", "mention.deleted"},
		},
		{"delete before add", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{gone, v[0]} }, "", nil},
		{"edit, delete, add", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{v[1], gone, v[0]} }, "", nil},
		{"delete, edit, add", func(v []mention.Event, gone mention.Event) []mention.Event { return []mention.Event{gone, v[1], v[0]} }, "", nil},
		{"only an edit", func(v []mention.Event, _ mention.Event) []mention.Event { return v[1:2] }, "", nil},
	}
	w := newWorld(t)
	for n, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			who, key := fmt.Sprintf("%s%d", person, n), fmt.Sprintf("item%d", n)
			for _, e := range tt.order(item(who, key, consulta, consulta+" 1", consulta+" 2"), withdrawal(who, key)) {
				w.hears(e)
			}
			s, has := w.story(key)
			if has != (tt.kinds != nil) {
				t.Fatalf("has a case: %t", has)
			}
			if !has {
				return
			}
			if got := s.Mentions[0]; got.Text != tt.text || got.Deleted != (tt.text == "") {
				t.Errorf("mention = %q, deleted %t; want %q", got.Text, got.Deleted, tt.text)
			}
			if diff := cmp.Diff(tt.kinds, w.kinds(s.Ticket.ID)); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}

// An edit that says something graver raises the case; one of our own is nobody's business.
func TestVersions_EditRaises(t *testing.T) {
	w := newWorld(t)
	v := item("80000001", "i1", consulta, reclamo)
	w.hears(v[0])
	w.hears(v[1])
	s := w.must("i1")
	if s.Ticket.Intent.Final != classify.Reclamo || s.Ticket.SIAC.State != ticket.Pending || s.Ticket.SIAC.Reason != ticket.RuleSure {
		t.Errorf("after the edit: %s, SIAC %+v", s.Ticket.Intent.Final, s.Ticket.SIAC)
	}
	if n := w.count("O#"); n != 1 {
		t.Errorf("%d messages planned, want the filing", n)
	}
	before := len(w.items())
	w.hears(said(page, "nuestro", "Hola", is(mention.Edit)))
	if got := len(w.items()); got != before {
		t.Errorf("an edit of our own wrote %d items", got-before)
	}
}

// An edit that names us, of a post nobody told us of before it did, is what was said; known posts are edited as ever.
func TestEdited_NamesUs(t *testing.T) {
	w := newWorld(t)
	named := func(key, text string, at time.Duration) mention.Event {
		return said(person, key, text, func(e *mention.Event) {
			e.Outcome, e.Flags, e.At = mention.Edit, []string{mention.FlagSummoned}, noon().Add(at)
		})
	}
	w.hears(named("i1", consulta, -5*time.Minute))
	if s := w.must("i1"); len(s.Mentions) != 1 || s.Mentions[0].Text != consulta {
		t.Errorf("mentions %+v", s.Mentions)
	}
	w.hears(named("i1", reclamo, -time.Minute), named("i1", reclamo, -time.Minute))
	if s := w.must("i1"); len(s.Mentions) != 1 || s.Mentions[0].Text != reclamo || w.count("T") != 1 {
		t.Errorf("%d cases, mentions %+v", w.count("T"), s.Mentions)
	}
}
