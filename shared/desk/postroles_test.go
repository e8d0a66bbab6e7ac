package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/outbox"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// postMatrix is who may do what with posts that somebody else wrote; own is letting out what they wrote themselves.
const postMatrix = `
user           see write edit submit approve own emergency reject cancel delete copy plan retry discard published review campaign
ejecutivo1     yes yes   yes  yes    -       -   -         -      yes    yes    yes  yes  yes   yes     yes       -      yes
supervisor     yes yes   yes  yes    yes     -   yes       yes    yes    yes    yes  yes  yes   yes     yes       yes    yes
siac           -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
oirs           -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
jefatura       yes -     -    -      yes     -   yes       yes    yes    yes    -    -    yes   yes     yes       yes    yes
comunicaciones yes yes   yes  yes    yes     -   -         yes    yes    yes    yes  yes  yes   yes     yes       yes    yes
denuncias      -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
datos          -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
ti             -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
auditor        yes -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
programa       -   -     -    -      -       -   -         -      -      -      -    -    -     -       -         -      -
`

func TestPostRoles_Matrix(t *testing.T) {
	w := newWorld(t).connected()
	lines := strings.Split(strings.TrimSpace(postMatrix), "\n")
	columns := strings.Fields(lines[0])[1:]
	covered := map[ticket.Role]bool{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		covered[roles()[cells[0]]] = true
		for i, column := range columns {
			if got := w.mayPost(cells[0], column); got != cells[i+1] {
				t.Errorf("%s, %s: %s, want %s", cells[0], column, got, cells[i+1])
			}
		}
	}
	for _, role := range ticket.Roles() {
		if !covered[role] {
			t.Errorf("role %s is not in the matrix", role)
		}
	}
}

// other writes posts whom no test asks for anything else.
func other() ticket.Actor {
	return ticket.Actor{ID: "otra", Name: "Otra Persona", Roles: []ticket.Role{ticket.Comunicaciones, ticket.JefaturaUnidad}}
}

// second lets out what other wrote.
func second() ticket.Actor {
	return ticket.Actor{ID: "segunda", Roles: []ticket.Role{ticket.Comunicaciones}}
}

// standing makes a post that stands in a state, written by somebody.
func (w *world) standing(state string, author ticket.Actor) string {
	w.Helper()
	w.mu.Lock()
	w.made++
	id := fmt.Sprintf("01POST%020d", w.made)
	w.mu.Unlock()
	now := w.clock()
	step := func(c ticket.Change, err error) {
		w.Helper()
		if err == nil {
			err = w.store.Store.Commit(w.Context(), c)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	plan := func() agenda.Plan {
		p, err := w.store.Store.Plan(w.Context(), id)
		if err != nil {
			w.Fatal(err)
		}
		return p
	}
	accounts := mention.Accounts{mention.X: {"55"}}
	step(agenda.Draft(id, author, post.Content{
		Text: "Hola.", Networks: []mention.Network{mention.X}, PublishAt: post.Moment{Local: "2026-12-01T09:00", Zone: "America/Santiago", At: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)},
	}, agenda.About{}, now))
	if state == "draft" {
		return id
	}
	if state == "emergency" {
		step(plan().Approve(other(), agenda.Consent{Emergency: true, Reason: "Hay una alerta y no puede esperar."}, accounts, now))
		return id
	}
	step(plan().Submit(author, now))
	switch state {
	case "submitted":
		return id
	case "rejected":
		step(plan().Reject(second(), "Falta algo.", now))
		return id
	}
	step(plan().Approve(second(), agenda.Consent{}, accounts, now))
	target := plan().Targets[0]
	s := agenda.Step{Target: target, Done: outbox.Ref{Ticket: target.Cause(), ID: target.Message}, Now: now}
	switch state {
	case "sent":
		step(s.Sent("1", "", now), nil)
	case "refused":
		step(s.Refused("x"), nil)
	}
	return id
}

// mayPost tries one act on a post made for it and tells the cell of the matrix.
func (w *world) mayPost(user, act string) string {
	w.Helper()
	on := func(state, act string, fields map[string]any) string {
		return w.yes(w.write("POST", "/api/v1/posts/"+w.standing(state, other())+"/"+act, user, fields))
	}
	emergency := map[string]any{"emergency": true, "reason": "Hay una alerta y no puede esperar."}
	x := map[string]any{"network": "x"}
	switch act {
	case "see":
		return w.yes(w.ask("GET", "/api/v1/posts/"+w.standing("draft", other()), user, ""))
	case "write":
		return w.yesOr(w.write("POST", "/api/v1/posts", user, says(nil)), 201)
	case "edit":
		return w.yes(w.write("PATCH", "/api/v1/posts/"+w.standing("submitted", other()), user, map[string]any{"text": "Otro."}))
	case "own":
		as := actor(user)
		as.Roles = []ticket.Role{ticket.Comunicaciones}
		return w.yes(w.write("POST", "/api/v1/posts/"+w.standing("submitted", as)+"/approve", user, nil))
	case "submit":
		return on("draft", act, nil)
	case "approve":
		return on("submitted", act, nil)
	case "emergency":
		return on("draft", "approve", emergency)
	case "reject":
		return on("submitted", act, map[string]any{"reason": "No."})
	case "cancel":
		return on("planned", act, nil)
	case "delete":
		return w.yes(w.write("DELETE", "/api/v1/posts/"+w.standing("draft", other()), user, nil))
	case "copy":
		return w.yesOr(w.write("POST", "/api/v1/posts/"+w.standing("sent", other())+"/copy", user, nil), 201)
	case "plan":
		return on("draft", act, map[string]any{"publishAt": "2026-12-02T12:00:00Z"})
	case "retry", "discard", "published":
		return on("refused", act, x)
	case "review":
		return on("emergency", act, nil)
	case "campaign":
		return w.yesOr(w.write("POST", "/api/v1/campaigns", user, map[string]any{"name": "Verano"}), 201)
	default:
		w.Fatalf("no act %s", act)
		return ""
	}
}

// What the API says may be done with a post is exactly what it lets be done, in every state and by everybody.
func TestPostRoles_MayIsTrue(t *testing.T) {
	w := newWorld(t).connected()
	for _, state := range []string{"draft", "submitted", "rejected", "planned", "sent", "refused", "emergency"} {
		for _, user := range []string{"ejecutivo1", "comunicaciones", "jefatura", "supervisor", "auditor"} {
			shown := read[entry](w, w.ask("GET", "/api/v1/posts/"+w.standing(state, other()), user, ""))
			for act, option := range shown.May {
				id := w.standing(state, other())
				method, path, fields := "POST", "/api/v1/posts/"+id+"/"+act, map[string]any{}
				switch act {
				case "edit":
					method, path, fields = "PATCH", "/api/v1/posts/"+id, map[string]any{"text": "Otro."}
				case "delete":
					method, path = "DELETE", "/api/v1/posts/"+id
				case "emergency":
					path, fields = "/api/v1/posts/"+id+"/approve", map[string]any{"emergency": true, "reason": "Hay una alerta y no puede esperar."}
				case "reject":
					fields["reason"] = "No."
				case "plan":
					fields["publishAt"] = "2026-12-02T12:00:00Z"
				case "retry", "discard", "published":
					fields["network"] = "x"
				}
				a := w.write(method, path, user, fields)
				if did := a.status < 300; did != option.Allowed {
					t.Errorf("%s, %s, %s: may is %+v, and the act answers %d %s", state, user, act, option, a.status, a.body)
				}
				if !option.Allowed && option.Why == "" {
					t.Errorf("%s, %s, %s: refused without a word", state, user, act)
				}
			}
			acts := make([]string, 0, len(shown.May))
			for act := range shown.May {
				acts = append(acts, act)
			}
			slices.Sort(acts)
			if got := strings.Join(acts, " "); got != "approve cancel copy delete discard edit emergency plan published reject retry review submit" {
				t.Errorf("may lists %s", got)
			}
		}
	}
}
