package platformtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
)

func sendCases() []one {
	all := []one{
		{"said once and whole", saidOnce},
		{"said by many at once", saidByMany},
		{"nobody listens", nobodyListens},
		{"too late before it began", tooLate},
		{"the caller stops waiting", stopsWaiting},
		{"the connection breaks", sendInto(reset, fault.Uncertain, "", 0)},
		{"too many calls", sendAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle", 90*time.Second)},
		{"too many calls, without a time", sendAnswered(Answer{429, `<html>CANARY`, nil}, fault.Transient, "throttle", 0)},
		{"not let in", sendAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth", 0)},
	}
	for name, a := range unclear() {
		all = append(all, one{name, sendAnswered(a, fault.Uncertain, "", 0)})
	}
	slices.SortFunc(all, func(a, b one) int {
		if a.name < b.name {
			return -1
		}
		return 1
	})
	return all
}

// unclear are the answers after which nobody knows whether it was said.
func unclear() map[string]Answer {
	all := map[string]Answer{
		"a 500 without an error object":       {500, `{"CANARY":1}`, nil},
		"an empty 502":                        {502, ``, nil},
		"a 503 in HTML":                       {503, `<html>CANARY`, nil},
		"a 504 in HTML":                       {504, `<html>CANARY`, nil},
		"a success in HTML":                   {200, `<html>CANARY`, nil},
		"a success without a word":            {200, ``, nil},
		"a success that breaks off":           {200, `{"id":"CANARY`, nil},
		"a success that is shorter than said": {200, `{"id":"CANARY"}`, []string{"Content-Length", "1000"}},
		"a success of nothing":                {200, `{}`, nil},
		"a success that is a bare true":       {200, `true`, nil},
		"a success that is null":              {200, `null`, nil},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		all[fmt.Sprintf("a %d to another host", status)] = Answer{status, `{}`, []string{"Location", "{foreign}/x"}}
		all[fmt.Sprintf("a %d to the same host", status)] = Answer{status, `{}`, []string{"Location", "{here}/x"}}
	}
	return all
}

// saidOnce is the good case.
func saidOnce(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	got, err := p.Send(ctx, w.Out)
	if err != nil || got.ID != w.ID {
		return []string{fmt.Sprintf("Send gave %q, %v; want %q", got.ID, err, w.ID)}
	}
	if got := p.Reason(nil); got != "" {
		return []string{fmt.Sprintf("no error has the reason %q", got)}
	}
	out := append(n.once(), endless(got.Usage)...)
	if texts := n.texts(); len(texts) == 1 && texts[0] != Text {
		out = append(out, fmt.Sprintf("said %q, want %q", texts[0], Text))
	}
	if n.kept {
		out = append(out, "the connection is kept for another request, and may be dead by then")
	}
	return out
}

// saidByMany lets the race detector see what calls lend each other.
func saidByMany(ctx context.Context, w Way, n *network) []string {
	const many = 8
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	var all sync.WaitGroup
	errs := make([]error, many)
	for i := range many {
		all.Go(func() { _, errs[i] = p.Send(ctx, w.Out) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return []string{"Send: " + err.Error()}
		}
	}
	if got := len(n.texts()); got != many {
		return []string{fmt.Sprintf("said %d times by %d", got, many)}
	}
	return nil
}

// nobodyListens is the one failure of which the network proves that nothing was said.
func nobodyListens(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	n.Close()
	_, err = p.Send(ctx, w.Out)
	return n.judged(p, err, fault.Transient, "unreachable")
}

// tooLate begins when the caller has stopped already.
func tooLate(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	_, err = p.Send(ctx, w.Out)
	out := n.judged(p, err, fault.Transient, "unreachable")
	if len(n.texts()) != 0 {
		out = append(out, "it was said all the same")
	}
	return out
}

// stopsWaiting ends the caller's time after the network has read everything and before it answers.
func stopsWaiting(ctx context.Context, w Way, n *network) []string {
	p, err := w.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n.onWrite = func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done() // the other side hung up
	}
	_, err = p.Send(ctx, w.Out)
	return append(n.judged(p, err, fault.Uncertain, ""), n.once()...)
}

func sendAnswered(a Answer, kind fault.Kind, reason string, wait time.Duration) func(context.Context, Way, *network) []string {
	return func(ctx context.Context, w Way, n *network) []string {
		return sendInto(n.answer(a), kind, reason, wait)(ctx, w, n)
	}
}

// sendInto sends into something that answers so and checks what the way out makes of it.
func sendInto(answer http.HandlerFunc, kind fault.Kind, reason string, wait time.Duration) func(context.Context, Way, *network) []string {
	return func(ctx context.Context, w Way, n *network) []string {
		p, err := w.New(n.URL)
		if err != nil {
			return []string{"New: " + err.Error()}
		}
		n.onWrite = answer
		receipt, err := p.Send(ctx, w.Out)
		out := slices.Concat(n.judged(p, err, kind, reason), n.once(), n.stray(), used(err, reason, wait, receipt.Usage))
		if receipt.ID != "" {
			out = append(out, fmt.Sprintf("an id %q with an error", receipt.ID))
		}
		return out
	}
}

// used reports an error that does not say how long to wait, and a use that does not say the same.
func used(err error, reason string, wait time.Duration, u channel.Usage) []string {
	out := endless(u)
	if got := fault.RetryAfter(err); got != wait {
		out = append(out, fmt.Sprintf("asks to wait %s, want %s", got, wait))
	}
	if reason == "throttle" && (u.Pace(u.At) != channel.Stop || u.Until.Before(u.At.Add(wait))) {
		out = append(out, fmt.Sprintf("too many calls, and the use is %+v", u))
	}
	return out
}

// endless reports a use that would stop a channel for ever: nobody calls any more, so nobody hears that it is over.
func endless(u channel.Usage) []string {
	if u.Share >= channel.StopFrom && !u.Until.After(u.At) {
		return []string{fmt.Sprintf("all is used up and nothing says until when: %+v", u)}
	}
	return nil
}

// toldCases say with an answer, and with a refusal, how much is used up.
func toldCases(w Way) []one {
	var all []one
	for _, told := range w.Told {
		all = append(
			all,
			one{"what is used up: " + told.Name, sendTold(told, w.Sent)},
			one{"what is used up, in a refusal: " + told.Name, sendTold(told, Answer{401, `{}`, nil})},
		)
	}
	return all
}

func sendTold(told Told, a Answer) func(context.Context, Way, *network) []string {
	return func(ctx context.Context, w Way, n *network) []string {
		p, err := w.New(n.URL)
		if err != nil {
			return []string{"New: " + err.Error()}
		}
		n.onWrite = n.answer(told.beside(a))
		receipt, _ := p.Send(ctx, w.Out)
		return told.judge(receipt.Usage)
	}
}

// beside puts the network's word beside an answer.
func (t Told) beside(a Answer) Answer {
	a.Header = slices.Concat(a.Header, t.Header)
	return a
}

func (t Told) judge(u channel.Usage) []string {
	if u != t.Want {
		return []string{fmt.Sprintf("the use is %+v, want %+v", u, t.Want)}
	}
	return endless(u)
}

// once reports any number of writes but one.
func (n *network) once() []string {
	if got := len(n.texts()); got != 1 {
		return []string{fmt.Sprintf("said %d times, want once", got)}
	}
	return nil
}

// refusalCases are the network's own.
func refusalCases(w Way) []one {
	var all []one
	for _, r := range w.Refusals {
		all = append(all, one{"refused: " + r.Name, sendAnswered(r.Answer, r.Kind, r.Reason, r.Wait)})
	}
	return all
}
