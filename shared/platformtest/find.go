package platformtest

import (
	"context"
	"fmt"
	"net/http"

	"sence.gob.cl/gestor/shared/fault"
)

func findCases(w Way) []one {
	if w.Read == nil {
		return []one{{"cannot be read back", cannotLook}}
	}
	all := []one{
		{"found after a 500 that was said", foundAfter500},
		{"not found when it was not said", notFound},
		{"a look meets nobody", lookNobody},
		{"a look at another host", lookElsewhere},
		{"a look breaks off", lookInto(func(*network) http.HandlerFunc { return reset }, fault.Transient, "")},
		{"a look refused", lookAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth")},
		{"a look too many", lookAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle")},
	}
	for name, a := range map[string]Answer{
		"a look at a 500":              {500, `{"CANARY":1}`, nil},
		"a look at a 503 in HTML":      {503, `<html>CANARY`, nil},
		"a look at HTML":               {200, `<html>CANARY`, nil},
		"a look at nothing":            {200, ``, nil},
		"a look at half an answer":     {200, `{"data":[`, nil},
		"a look at an empty object":    {200, `{}`, nil},
		"a look sent to another place": {302, `{}`, []string{"Location", "{foreign}/x"}},
	} {
		all = append(all, one{name, lookAnswered(a, fault.Transient, "")})
	}
	return all
}

// cannotLook: what nobody can see is never said to be absent, only not yet known.
func cannotLook(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	_, found, err := p.Find(ctx, w.Out, Since())
	out := n.judged(p, err, fault.Permanent, "")
	if found || n.looks()+len(n.texts()) != 0 {
		out = append(out, "found, or asked for, what cannot be seen")
	}
	return out
}

// foundAfter500 is the case that reading back exists for: said, and answered as if not.
func foundAfter500(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	n.onWrite = n.answer(Answer{Status: 500, Body: `{}`})
	if _, err = p.Send(ctx, w.Out); fault.Of(err) != fault.Uncertain {
		return []string{fmt.Sprintf("Send: %v", err)}
	}
	id, found, err := p.Find(ctx, w.Out, Since())
	if err != nil || !found || id != w.ID {
		return []string{fmt.Sprintf("Find gave %q, %t, %v; want %q", id, found, err, w.ID)}
	}
	return n.once()
}

// notFound: everything was seen, and ours is not there; nor is it when it was said long before.
func notFound(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	if id, found, err := p.Find(ctx, w.Out, Since()); err != nil || found || id != "" {
		return []string{fmt.Sprintf("Find gave %q, %t, %v where nothing is", id, found, err)}
	}
	if n.looks() == 0 {
		return []string{"it never looked"}
	}
	if _, err := p.Send(ctx, w.Out); err != nil {
		return []string{"Send: " + err.Error()}
	}
	if id, found, _ := p.Find(ctx, w.Out, SaidAt().AddDate(0, 0, 1)); found {
		return []string{fmt.Sprintf("Find takes %q, said a day before", id)}
	}
	other := w.Out
	other.Text = "otra respuesta"
	if id, found, _ := p.Find(ctx, other, Since()); found {
		return []string{fmt.Sprintf("Find takes %q, which says something else", id)}
	}
	return n.once()
}

func lookNobody(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	n.Close()
	_, found, err := p.Find(ctx, w.Out, Since())
	if found {
		return []string{"found where nobody listens"}
	}
	return n.judged(p, err, fault.Transient, "unreachable")
}

// lookElsewhere follows a continuation that leads away.
func lookElsewhere(ctx context.Context, w Way, n *network) []string {
	if w.Elsewhere == nil {
		return nil
	}
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	n.onRead = func(rw http.ResponseWriter, r *http.Request) { n.answer(w.Elsewhere(r, n.foreign.URL))(rw, r) }
	_, found, err := p.Find(ctx, w.Out, Since())
	if found {
		return []string{"found where it is not"}
	}
	return append(n.judged(p, err, fault.Permanent, "foreign_host"), n.stray()...)
}

func lookAnswered(a Answer, kind fault.Kind, reason string) func(context.Context, Way, *network) []string {
	return lookInto(func(n *network) http.HandlerFunc { return n.answer(a) }, kind, reason)
}

// lookInto looks into something that answers so: a look that failed is never an absence, and says nothing.
func lookInto(answer func(*network) http.HandlerFunc, kind fault.Kind, reason string) func(context.Context, Way, *network) []string {
	return func(ctx context.Context, w Way, n *network) []string {
		p, err := w.New(n.URL)
		if err != nil {
			return []string{"New: " + err.Error()}
		}
		n.onRead = answer(n)
		_, found, err := p.Find(ctx, w.Out, Since())
		out := append(n.judged(p, err, kind, reason), n.stray()...)
		if found || len(n.texts()) != 0 {
			out = append(out, "found, or said, in a look that failed")
		}
		return out
	}
}
