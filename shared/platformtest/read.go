package platformtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

// Reader reads a network in the name of an account of ours, as fetch uses it.
type Reader interface {
	Item(ctx context.Context, a channel.Access, e mention.Event) (mention.Event, channel.Usage, error)
	List(ctx context.Context, a channel.Access, q channel.ListQuery) (channel.Page, error)
	Media(ctx context.Context, a channel.Access, m mention.Attachment) (channel.Download, error)
	Check(ctx context.Context, a channel.Access, callback string, now time.Time) (channel.Health, error)
	Reason(err error) string
}

// Reading describes how a network is read. Access holds Token.
type Reading struct {
	New     func(base string) (Reader, error)
	Access  channel.Access
	Looks   []Look
	Told    []Told
	Secrets []string
}

// Look is one thing that is read: exactly one of Item, List, Media and Callback says which. Show is what the network
// answers to each request of it; requests that repair a subscription come there too. Want, which may be nil for List, Media
// and Check, are the events it gives. Elsewhere, where there is one, is a page whose continuation is on the host of the
// address foreign. Refusals are the network's own.
type Look struct {
	Name      string
	Item      *mention.Event
	List      *channel.ListQuery
	Media     *mention.Attachment
	Callback  string
	Show      func(r *http.Request, here string) Answer
	Want      []mention.Event
	Elsewhere func(r *http.Request, foreign string) Answer
	Refusals  []Refusal
	// KeyInAddress says that the network wants the key in the address, where everybody on the way might keep it.
	KeyInAddress bool
}

// CheckedAt is the instant of every Check.
func CheckedAt() time.Time { return SaidAt() }

// seen is what a look gave.
type seen struct {
	events []mention.Event
	usage  channel.Usage
	told   string // address, name or cursor: nothing of it may be there when the look failed
}

func (l Look) do(ctx context.Context, r Reader, a channel.Access) (seen, error) {
	switch {
	case l.Item != nil:
		e, u, err := r.Item(ctx, a, *l.Item)
		if err != nil && e.Key == "" && e.Text == "" {
			return seen{usage: u}, err
		}
		return seen{events: []mention.Event{e}, usage: u}, err
	case l.List != nil:
		p, err := r.List(ctx, a, *l.List)
		return seen{events: p.Events, usage: p.Usage, told: p.Cursor}, err
	case l.Media != nil:
		d, err := r.Media(ctx, a, *l.Media)
		return seen{told: d.URL}, err
	default:
		h, err := r.Check(ctx, a, l.Callback, CheckedAt())
		return seen{usage: h.Usage, told: h.Name + strings.Join(h.Mended, "")}, err
	}
}

// RunReader tries the reading.
func RunReader(t *testing.T, r Reading) {
	t.Helper()
	for _, c := range readCases(r) {
		t.Run(c.name, func(t *testing.T) {
			for _, complaint := range c.complaints(t.Context(), r) {
				t.Error(complaint)
			}
		})
	}
}

// oneRead is one case of one look. A case that calls is left out for a look that makes no request: nothing can go wrong
// with that.
type oneRead struct {
	name  string
	look  Look
	calls bool
	try   func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string
}

func (c oneRead) complaints(ctx context.Context, r Reading) []string {
	probe, p, err := c.begin(r)
	defer probe.close()
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	if c.calls {
		_, _ = c.look.do(ctx, p, r.Access)
		if probe.looks() == 0 {
			return nil
		}
	}
	n, p, err := c.begin(r)
	defer n.close()
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	return append(c.try(ctx, p, c.look, r.Access, n), n.stray()...)
}

// begin gives a case a network and a reader of its own.
func (c oneRead) begin(r Reading) (*network, Reader, error) {
	if r.New == nil {
		r.New = func(string) (Reader, error) { return nil, nil }
	}
	n := newNetwork(Way{
		Sent: Answer{Status: 200, Body: `{}`}, Said: func(*http.Request, []byte) string { return "" }, Secrets: r.Secrets,
		Writes: func(*http.Request) bool { return false },
	})
	if c.look.Show != nil {
		n.onRead = func(rw http.ResponseWriter, req *http.Request) { n.answer(c.look.Show(req, n.URL))(rw, req) }
	}
	p, err := r.New(n.URL)
	return n, p, err
}

func readCases(r Reading) []oneRead {
	all := []oneRead{{"described whole", Look{}, false, func(context.Context, Reader, Look, channel.Access, *network) []string { return r.described() }}}
	for _, l := range r.Looks {
		for _, c := range lookCases(r, l) {
			c.name = l.Name + ": " + c.name
			all = append(all, c)
		}
	}
	return all
}

// described refuses a description that tries too little.
func (r Reading) described() []string {
	var out []string
	if r.New == nil || r.Access.Token != Token || r.Access.Account == "" || len(r.Looks) == 0 {
		out = append(out, "the reading lacks New, Access or Looks, or its key is not Token")
	}
	for _, l := range r.Looks {
		if l.Show == nil || (l.Item != nil || l.List != nil) && len(l.Want) == 0 {
			out = append(out, l.Name+": lacks Show or Want")
		}
		out = append(out, quotable(l.Refusals)...)
	}
	return out
}

func lookCases(r Reading, l Look) []oneRead {
	all := []oneRead{
		{"seen", l, false, readWell},
		{"nobody listens", l, true, func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
			n.Close()
			return readFails(ctx, p, l, a, n, fault.Transient, "unreachable", 0)
		}},
		{"too late before it began", l, true, func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return append(readFails(ctx, p, l, a, n, fault.Transient, "unreachable", 0), n.silent()...)
		}},
		{"without a key", l, true, func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
			a.Token, a.Secret = "", ""
			return append(readFails(ctx, p, l, a, n, fault.Denied, "auth", 0), n.silent()...)
		}},
		{"the connection breaks", l, true, readInto(func(*network) http.HandlerFunc { return reset }, fault.Transient, "", 0)},
		{"not let in", l, true, readAnswered(Answer{401, `{}`, nil}, fault.Denied, "auth", 0)},
		{"too many calls", l, true, readAnswered(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle", 90*time.Second)},
		{"too many calls, without a time", l, true, readAnswered(Answer{429, `<html>CANARY`, nil}, fault.Transient, "throttle", 0)},
		{"more than anybody sends", l, true, tooMuch},
		{"each request fails in turn", l, true, eachFails},
	}
	for name, a := range unclear() {
		all = append(all, oneRead{name, l, true, readAnswered(a, fault.Transient, "", 0)})
	}
	for _, f := range l.Refusals {
		all = append(all, oneRead{"refused: " + f.Name, l, true, readAnswered(f.Answer, f.Kind, f.Reason, f.Wait)})
	}
	if l.Elsewhere != nil {
		all = append(all, oneRead{"goes on at another host", l, true, readElsewhere})
	}
	if l.List != nil {
		all = append(all, oneRead{"a cursor of another host", l, true, cursorElsewhere})
	}
	if l.Media == nil {
		for _, told := range r.Told {
			all = append(all, oneRead{"what is used up: " + told.Name, l, true, readTold(told)})
		}
	}
	return all
}

// readWell is the good case.
func readWell(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
	got, err := l.do(ctx, p, a)
	if err != nil {
		return []string{"failed: " + err.Error()}
	}
	if r := p.Reason(nil); r != "" {
		return []string{fmt.Sprintf("no error has the reason %q", r)}
	}
	out := endless(got.usage)
	if l.Want != nil && printed(got.events) != printed(l.Want) {
		out = append(out, fmt.Sprintf("gave\n%s\nwant\n%s", printed(got.events), printed(l.Want)))
	}
	if l.Media != nil && got.told == "" {
		out = append(out, "no address")
	}
	if n.kept {
		out = append(out, "the connection is kept for another request, and may be dead by then")
	}
	if n.shown && !l.KeyInAddress {
		out = append(out, "the key stands in an address")
	}
	return out
}

func printed(events []mention.Event) string {
	text, err := json.MarshalIndent(events, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// readFails reads, and reports anything but the failure that must be.
func readFails(
	ctx context.Context, p Reader, l Look, a channel.Access, n *network, kind fault.Kind, reason string, wait time.Duration,
) []string {
	got, err := l.do(ctx, p, a)
	out := slices.Concat(n.judged(p, err, kind, reason), endless(got.usage))
	if got.told != "" || len(got.events) > 0 {
		out = append(out, "a look that failed says something")
	}
	if l.Media == nil {
		return append(out, used(err, reason, wait, got.usage)...)
	}
	if asked := fault.RetryAfter(err); asked != wait {
		out = append(out, fmt.Sprintf("asks to wait %s, want %s", asked, wait))
	}
	return out
}

func readAnswered(a Answer, kind fault.Kind, reason string, wait time.Duration) func(context.Context, Reader, Look, channel.Access, *network) []string {
	return readInto(func(n *network) http.HandlerFunc { return n.answer(a) }, kind, reason, wait)
}

// readInto reads something that answers so to each request.
func readInto(
	answer func(*network) http.HandlerFunc, kind fault.Kind, reason string, wait time.Duration,
) func(context.Context, Reader, Look, channel.Access, *network) []string {
	return func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
		n.onRead = answer(n)
		return readFails(ctx, p, l, a, n, kind, reason, wait)
	}
}

// tooMuch is the good answer in more bytes than anybody may send.
func tooMuch(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
	n.onRead = func(rw http.ResponseWriter, r *http.Request) {
		much := l.Show(r, n.URL)
		much.Body += strings.Repeat(" ", 9<<20)
		n.answer(much)(rw, r)
	}
	return readFails(ctx, p, l, a, n, fault.Transient, "", 0)
}

// eachFails lets every request of a look fail once while the others go well: half a look is no look.
func eachFails(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
	_, err := l.do(ctx, p, a)
	if err != nil {
		return []string{"failed: " + err.Error()}
	}
	var out []string
	for i := range n.looks() {
		at := atomic.Int64{}
		good := n.onRead
		n.onRead = func(rw http.ResponseWriter, r *http.Request) {
			if at.Add(1) == int64(i)+1 {
				n.answer(Answer{Status: 500, Body: `{"CANARY":1}`})(rw, r)
				return
			}
			good(rw, r)
		}
		for _, wrong := range readFails(ctx, p, l, a, n, fault.Transient, "", 0) {
			out = append(out, fmt.Sprintf("request %d: %s", i+1, wrong))
		}
		n.onRead = good
	}
	return out
}

// readElsewhere is shown a continuation that leads away: whoever made it, our key does not go there.
func readElsewhere(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
	n.onRead = func(rw http.ResponseWriter, r *http.Request) { n.answer(l.Elsewhere(r, n.foreign.URL))(rw, r) }
	return readFails(ctx, p, l, a, n, fault.Permanent, "foreign_host", 0)
}

// cursorElsewhere is given a cursor that is an address of another host. What is made of it is free; nothing goes there.
func cursorElsewhere(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
	q := *l.List
	q.Cursor = n.foreign.URL + "/x?after=1"
	l.List = &q
	_, err := l.do(ctx, p, a)
	return n.quiet(err)
}

// readTold hears how much is used up, in a good answer and in a refusal.
func readTold(told Told) func(context.Context, Reader, Look, channel.Access, *network) []string {
	return func(ctx context.Context, p Reader, l Look, a channel.Access, n *network) []string {
		n.onRead = func(rw http.ResponseWriter, r *http.Request) { n.answer(told.beside(l.Show(r, n.URL)))(rw, r) }
		got, err := l.do(ctx, p, a)
		if err != nil {
			return []string{"failed: " + err.Error()}
		}
		out := told.judge(got.usage)
		n.onRead = n.answer(told.beside(Answer{401, `{}`, nil}))
		got, _ = l.do(ctx, p, a)
		return append(out, told.judge(got.usage)...)
	}
}
