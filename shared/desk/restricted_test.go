package desk_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

// follow reads the changes from a cursor to their end, the newest version of each case.
func (w *world) follow(user, since string) (known map[string]int, cursor string) {
	w.Helper()
	known = map[string]int{}
	a := w.ask("GET", "/api/v1/changes?since="+since, user, "")
	if a.status != 200 {
		w.Fatalf("%s: %d %s", user, a.status, a.body)
	}
	got := read[struct {
		Items  []ticket.ChangeRow
		Cursor string
	}](w, a)
	for _, c := range got.Items {
		known[c.Ticket] = c.Version
	}
	return known, got.Cursor
}

// becomes gives the case another class, as the user sees it.
func (w *world) becomes(user, id string, class classify.Intent) {
	w.Helper()
	if a := w.act(user, id, "classify", map[string]any{"intent": class, "reason": "leí el caso entero"}); a.status != 200 {
		w.Fatalf("%s: %d %s", user, a.status, a.body)
	}
}

// What happens to a denuncia is told to who answers for them alone; that a case becomes one, or stops being one, to
// everybody, for the consoles that show it must drop it or take it up.
func TestRestricted_Changes(t *testing.T) {
	w := newWorld(t)
	plain := w.open(classify.Consulta)
	secret := w.open(classify.Denuncia)
	mixed := w.held(classify.Consulta, "ejecutivo1")
	users := map[string]string{}
	for _, user := range []string{"ejecutivo1", "supervisor", "auditor", "denuncias"} {
		_, users[user] = w.follow(user, "")
	}
	told := map[string]map[string]int{} // to each, the newest version of each case
	expect := func(when string, others, theirs map[string]int) {
		t.Helper()
		for user, cursor := range users {
			if told[user] == nil {
				told[user] = map[string]int{}
			}
			want := maps.Clone(others)
			if user == "denuncias" {
				want = maps.Clone(theirs)
			}
			var got map[string]int
			got, users[user] = w.follow(user, cursor) // it may repeat
			for id, version := range got {
				told[user][id] = max(told[user][id], version)
			}
			if !maps.Equal(told[user], want) {
				t.Errorf("%s: %s is told of %v, want %v", when, user, told[user], want)
			}
		}
		w.pass(time.Minute)
	}
	expect("at first", map[string]int{plain.ID: 1, mixed.ID: 2}, map[string]int{secret.ID: 1})
	w.becomes("ejecutivo1", mixed.ID, classify.Denuncia)
	expect("becomes a denuncia", map[string]int{plain.ID: 1, mixed.ID: 3}, map[string]int{secret.ID: 1, mixed.ID: 3})
	for _, id := range []string{mixed.ID, secret.ID} {
		if a := w.act("denuncias", id, "claim", nil); a.status != 200 {
			t.Fatal(a.status)
		}
	}
	expect("is worked", map[string]int{plain.ID: 1, mixed.ID: 3}, map[string]int{mixed.ID: 4, secret.ID: 2})
	w.becomes("denuncias", mixed.ID, classify.Sugerencia)
	expect("is none after all", map[string]int{plain.ID: 1, mixed.ID: 5}, map[string]int{secret.ID: 2, mixed.ID: 5})
	if a := w.act("ejecutivo1", mixed.ID, "claim", nil); a.status != 200 {
		t.Errorf("given back, and nobody can take it: %d %s", a.status, a.body)
	}
	expect("is worked by the others", map[string]int{plain.ID: 1, mixed.ID: 6}, map[string]int{secret.ID: 2, mixed.ID: 5})
	if a := w.ask("GET", "/api/v1/tickets/"+mixed.ID, "denuncias", ""); a.status != 404 {
		t.Errorf("who gave it back still sees it: %d", a.status)
	}
}

// refused raises a matter: a reply that the network refused.
func (w *world) refused(class classify.Intent) ticket.Ticket {
	w.Helper()
	c := w.held(classify.Consulta, "ejecutivo1")
	plan, err := c.PlanReply(actor("ejecutivo1"), "Hola.", "public", w.clock(), w.clock())
	c = w.must(plan, err)
	c = w.must(c.ReplyRefusedStep(plan.Replies[0], plan.Send[0].Ref(), ticket.ReplyRefused, "gone", w.clock()), nil)
	if class != classify.Consulta {
		w.becomes("supervisor", c.ID, class)
	}
	return w.ticket(c.ID)
}

// What waits for a person in a denuncia waits for who answers for them, by the class the case has now.
func TestRestricted_Attention(t *testing.T) {
	w := newWorld(t)
	plain, secret, back := w.refused(classify.Consulta), w.refused(classify.Denuncia), w.refused(classify.Denuncia)
	w.becomes("denuncias", back.ID, classify.Consulta)
	// Work of each that never ended.
	w.held(classify.Consulta, "ejecutivo1")
	lateOf := func(class classify.Intent) ticket.Ticket {
		c := w.held(classify.Consulta, "ejecutivo1")
		plan, err := c.PlanReply(actor("ejecutivo1"), "Hola.", "public", w.clock(), w.clock())
		w.must(plan, err)
		if class != classify.Consulta {
			w.becomes("supervisor", c.ID, class)
		}
		return c
	}
	latePlain, lateSecret := lateOf(classify.Consulta), lateOf(classify.Denuncia)
	w.pass(16 * time.Minute)
	for user, want := range map[string][]string{
		"supervisor": {plain.ID, back.ID, latePlain.ID}, "ti": {plain.ID, back.ID, latePlain.ID}, "denuncias": {secret.ID, lateSecret.ID},
	} {
		for _, limit := range []string{"1", "2", "200"} {
			var got []string
			for cursor, pages := "", 0; ; pages++ {
				a := w.ask("GET", "/api/v1/attention?limit="+limit+"&cursor="+cursor, user, "")
				if a.status != 200 || pages > 20 {
					t.Fatalf("%s: %d %s", user, a.status, a.body)
				}
				page := read[matters](w, a)
				for _, m := range page.Items {
					if !slices.Contains(got, m.Ticket) {
						got = append(got, m.Ticket)
					}
				}
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%s, by %s: %v, want %v", user, limit, got, want)
			}
		}
	}
}

// Who answers for denuncias cannot tell a case that is none from one that does not exist.
func TestRestricted_NothingElse(t *testing.T) {
	w := newWorld(t)
	plain := w.open(classify.Consulta)
	stray := w.must(w.open(classify.Consulta).Claim(ticket.Actor{ID: "denuncias", Roles: []ticket.Role{ticket.Supervisor}}, w.clock())) // of another role of theirs
	for _, c := range []ticket.Ticket{plain, stray} {
		same(t, "get", w.ask("GET", "/api/v1/tickets/"+c.ID, "denuncias", ""), w.ask("GET", "/api/v1/tickets/01NADIE", "denuncias", ""))
		same(t, "search", w.ask("GET", "/api/v1/tickets?q="+c.Number, "denuncias", ""), w.ask("GET", "/api/v1/tickets?q=RS-2026-9999999-1", "denuncias", ""))
		for _, action := range []string{"claim", "release", "classify", "close"} {
			body := `{"version":1,"intent":"sugerencia","reason":"quiero verlo"}`
			same(t, action, w.ask("POST", "/api/v1/tickets/"+c.ID+"/"+action, "denuncias", body, "Idempotency-Key", w.key()),
				w.ask("POST", "/api/v1/tickets/01NADIE/"+action, "denuncias", body, "Idempotency-Key", w.key()))
		}
	}
	for _, query := range []string{"", "view=waiting", "view=mine", "view=all", "view=restricted", "state=ingresado", "state=en_analisis", "view=all&intent=consulta"} {
		if l := read[list](w, w.ask("GET", "/api/v1/tickets?"+query, "denuncias", "")); len(l.Items) != 0 || l.Next != "" {
			t.Errorf("%q: %v", query, l.ids())
		}
	}

	me := read[struct{ May map[string]bool }](w, w.ask("GET", "/api/v1/me", "denuncias", ""))
	for what, want := range map[string]bool{"read": true, "ordinary": false, "restricted": true, "attention": true, "operate": false} {
		if me.May[what] != want {
			t.Errorf("may.%s = %t", what, me.May[what])
		}
	}
}
