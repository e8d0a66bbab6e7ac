package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/ticket"
)

// matrix is domain.md §6.5 as far as the API goes, tried by asking for each act. Every cell is what that user may do:
//
//	read        see a case that somebody else holds, masked
//	raw         the citizen's words as written: "own" only in the cases held, "all" in any
//	claim       take a case
//	reply       answer in public ("private only" of the matrix is nobody's here: there is no private answer yet)
//	escalate    file in SIAC
//	classify    correct the class of a consulta
//	reclassify  take a case out of reclamo
//	close       end an answered consulta
//	close_rec   end an answered reclamo
//	denuncias   see the restricted queue and its cases
//	work_den    take, close and reclassify a denuncia
//	operate     quarantine
//	attention   what waits for a person, within what the user may know: of posts, who sees them
//	hide        hide a comment, or only propose it
//	remove      take away in its network an answer that somebody else wrote
//	capture     type in what no network told us of
//	channels    whether our accounts work
//	connect     connect, pause, resume, look at and take away an account
//
// Where the matrix says "unit" or "region", there is one unit and no region yet. Beyond it, encargado_denuncias takes and
// reclassifies denuncias, since nobody else can work them or say that one is none after all.
const matrix = `
user           read raw claim reply escalate classify reclassify close close_rec denuncias work_den operate attention channels connect hide    remove capture
ejecutivo1     yes  own yes   yes   yes      yes      -          yes   -         -         -        yes     yes       yes      -       propose -      yes
supervisor     yes  all yes   yes   yes      yes      yes        yes   yes       -         -        yes     yes       yes      yes     yes     yes    yes
siac           yes  all yes   -     yes      yes      yes        yes   yes       -         -        yes     yes       yes      -       -       -      yes
oirs           yes  all yes   -     yes      -        -          yes   yes       -         -        -       -         -        -       -       -      yes
jefatura       yes  -   -     -     yes      yes      yes        yes   yes       -         -        yes     yes       yes      yes     yes     -      -
comunicaciones -    -   -     -     -        -        -          -     -         -         -        -       yes       -        -       -       -      -
denuncias      -    -   -     -     -        -        -          -     -         yes       yes      -       yes       -        -       -       -      -
datos          yes  -   -     -     -        -        -          -     -         -         -        -       -         -        -       -       -      -
ti             -    -   -     -     -        -        -          -     -         -         -        yes     yes       yes      yes     -       -      -
auditor        yes  -   -     -     -        -        -          -     -         -         -        -       yes       yes      -       -       -      -
programa       -    -   -     -     -        -        -          -     -         -         -        -       -         -        -       -       -      -
`

func TestRoles_Matrix(t *testing.T) {
	w := newWorld(t)
	lines := strings.Split(strings.TrimSpace(matrix), "\n")
	columns := strings.Fields(lines[0])[1:]
	covered := map[ticket.Role]bool{}
	for _, line := range lines[1:] {
		cells := strings.Fields(line)
		user := cells[0]
		covered[roles()[user]] = true
		t.Run(user, func(t *testing.T) {
			for i, column := range columns {
				if got := w.may(user, column); got != cells[i+1] {
					t.Errorf("%s: %s, want %s", column, got, cells[i+1])
				}
			}
		})
	}
	for _, role := range ticket.Roles() {
		if !covered[role] {
			t.Errorf("role %s is not in the matrix", role)
		}
	}
}

// may tries one act on a case made for it and tells the cell of the matrix.
func (w *world) may(user, act string) string {
	w.Helper()
	switch act {
	case "read":
		return w.yes(w.ask("GET", "/api/v1/tickets/"+w.held(classify.Consulta, "ejecutivo2").ID, user, ""))
	case "raw":
		return w.raw(user)
	case "claim":
		return w.yes(w.act(user, w.open(classify.Consulta).ID, "claim", nil))
	case "reply":
		c := w.open(classify.Consulta)
		if w.act(user, c.ID, "claim", nil).status != http.StatusOK { // nobody answers what they do not hold
			c = w.given(user)
		}
		return w.yes(w.act(user, c.ID, "reply", map[string]any{"visibility": "public", "text": "Hola."}))
	case "escalate":
		return w.yes(w.act(user, w.open(classify.Consulta).ID, "escalate", nil))
	case "classify":
		return w.yes(w.act(user, w.open(classify.Consulta).ID, "classify", map[string]any{"intent": "sugerencia"}))
	case "reclassify":
		return w.yes(w.act(user, w.open(classify.Reclamo).ID, "classify", map[string]any{"intent": "consulta", "reason": "solo pregunta"}))
	case "close":
		return w.yes(w.act(user, w.released(classify.Consulta), "close", nil))
	case "close_rec":
		return w.yes(w.act(user, w.released(classify.Reclamo), "close", nil))
	case "denuncias":
		one, all := w.ask("GET", "/api/v1/tickets/"+w.open(classify.Denuncia).ID, user, ""), w.ask("GET", "/api/v1/tickets?view=restricted", user, "")
		if w.yes(one) != w.yes(all) {
			w.Errorf("%s: a denuncia answers %d, their queue %d", user, one.status, all.status)
		}
		return w.yes(all)
	case "work_den":
		return w.worksDenuncias(user)
	case "operate":
		return w.yes(w.ask("GET", "/api/v1/quarantine", user, ""))
	case "attention":
		return w.yes(w.ask("GET", "/api/v1/attention", user, ""))
	case "hide":
		return w.hides(user)
	case "remove":
		return w.yes(w.act(user, w.answeredBy(classify.Consulta, "ejecutivo2").ID, "remove", map[string]any{"reply": "r000003", "confirm": "borrar"}))
	case "capture":
		return w.yesOr(w.typeIn(user, typed(map[string]any{"text": "Lo ingresa " + user})), http.StatusCreated)
	case "channels":
		return w.yes(w.ask("GET", "/api/v1/channels", user, ""))
	case "connect":
		return w.connects(user)
	default:
		w.Fatalf("no act %s", act)
		return ""
	}
}

// worksDenuncias tells whether the user takes, closes and reclassifies a denuncia: all of it, or nothing.
func (w *world) worksDenuncias(user string) string {
	w.Helper()
	answers := map[string]string{}
	for act, fields := range map[string]map[string]any{
		"claim": nil, "close": {"reason": "por su canal"}, "classify": {"intent": "consulta", "reason": "solo pregunta"},
	} {
		answers[act] = w.yes(w.act(user, w.open(classify.Denuncia).ID, act, fields))
	}
	if answers["claim"] != answers["close"] || answers["claim"] != answers["classify"] {
		w.Errorf("%s works denuncias in part: %v", user, answers)
	}
	return answers["claim"]
}

// given gives a case to somebody whose role does not take any, so that only the act itself can be refused.
func (w *world) given(user string) ticket.Ticket {
	w.Helper()
	as := actor(user)
	as.Roles = []ticket.Role{ticket.CommunityManager}
	return w.must(w.open(classify.Consulta).Claim(as, w.clock()))
}

// yes reads a refusal by role: 403, or 404 from who may not know that cases exist. Anything else than these and 200 is a
// mistake of the test.
func (w *world) yes(a answer) string {
	w.Helper()
	switch a.status {
	case http.StatusOK:
		return "yes"
	case http.StatusForbidden, http.StatusNotFound:
		return "-"
	default:
		w.Errorf("%d %s", a.status, a.body)
		return "?"
	}
}

// raw tells whose words a user reads unmasked.
func (w *world) raw(user string) string {
	w.Helper()
	reads := func(c ticket.Ticket) bool {
		a := w.ask("GET", "/api/v1/tickets/"+c.ID, user, "")
		if a.status != http.StatusOK {
			return false
		}
		v := read[view](w, a)
		words := strings.Contains(string(a.body), "11.111.111-1")
		if words == v.Masked {
			w.Errorf("%s: masked %t, and the words are there: %t", user, v.Masked, words)
		}
		return words
	}
	own := w.open(classify.Consulta)
	if c, err := own.Claim(actor(user), w.clock()); err == nil {
		own = w.must(c, nil)
	}
	foreign, free := reads(w.held(classify.Consulta, "ejecutivo2")), reads(w.open(classify.Consulta))
	if foreign != free {
		w.Errorf("%s reads a case of somebody else: %t, one of nobody: %t", user, foreign, free)
	}
	switch {
	case foreign:
		return "all"
	case reads(own):
		return "own"
	default:
		return "-"
	}
}

// released gives an answered case that nobody holds any more, so that only roles decide who may close it.
func (w *world) released(class classify.Intent) string {
	w.Helper()
	t := w.answered(class)
	t.Assignee, t.AssigneeName = "", ""
	c, err := t.Classify(actor("supervisor"), ticket.Correction{Intent: class, DueDate: t.DueDate, DueAt: t.DueAt}, ticket.DefaultPolicy(), w.clock())
	return w.must(c, err).ID
}

// What the API says may be done is exactly what it lets be done.
func TestRoles_MayIsTrue(t *testing.T) {
	w := newWorld(t)
	makes := map[string]func() ticket.Ticket{
		"new consulta":     func() ticket.Ticket { return w.open(classify.Consulta) },
		"new reclamo":      func() ticket.Ticket { return w.open(classify.Reclamo) },
		"held":             func() ticket.Ticket { return w.held(classify.Consulta, "ejecutivo1") },
		"held by another":  func() ticket.Ticket { return w.held(classify.Reclamo, "ejecutivo2") },
		"answered":         func() ticket.Ticket { return w.answered(classify.Consulta) },
		"answered reclamo": func() ticket.Ticket { return w.answered(classify.Reclamo) },
		"reply planned":    func() ticket.Ticket { c, _ := w.planned(); return c },
		"closed": func() ticket.Ticket {
			return w.closed()
		},
		"escalated by hand": func() ticket.Ticket {
			return w.must(w.open(classify.Consulta).Escalate(actor("supervisor"), ticket.DefaultPolicy(), w.clock()))
		},
	}
	for name, make := range makes {
		t.Run(name, func(t *testing.T) {
			for _, user := range []string{"ejecutivo1", "supervisor", "siac", "auditor"} {
				shown := read[view](w, w.ask("GET", "/api/v1/tickets/"+make().ID, user, ""))
				for act, option := range shown.May {
					c := make()
					a := w.act(user, c.ID, act, map[string]map[string]any{
						"reply": {"visibility": "public", "text": "Hola."}, "classify": {"intent": c.Intent.Final}, // to confirm it
						"recorded": {"visibility": "public", "text": "Hola."},
					}[act])
					if did := a.status == http.StatusOK; did != option.Allowed {
						t.Errorf("%s, %s: may is %+v, and the act answers %d %s", user, act, option, a.status, a.body)
					}
					if !option.Allowed && option.Why == "" {
						t.Errorf("%s, %s: refused without a word", user, act)
					}
				}
				if len(shown.May) != 8 {
					t.Errorf("%s: may lists %d acts", user, len(shown.May))
				}
			}
		})
	}
}
