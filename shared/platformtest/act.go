package platformtest

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// Doing describes what may be done on a network besides answering: Deeds are the verbs it has, and every other must be
// refused without a request. Refusals are the network's own, tried with each deed.
type Doing struct {
	New      func(base string) (Platform, error)
	Account  string
	Deeds    []Deed
	Refusals []Refusal
	Told     []Told
	Secrets  []string
}

// Deed is one verb that a network has. Done is what it answers when it did it, Again when it was so already (nothing: the
// same). Asked says what is wrong with the one request that writes, "" when nothing is. Read, which may be nil, is what the
// network shows to a deed that looks, before or after it was done.
type Deed struct {
	Act   post.Act
	Done  Answer
	Again Answer
	Asked func(r *http.Request, body []byte) string
	Read  func(r *http.Request, done bool) Answer
}

// RunActs tries them.
func RunActs(t *testing.T, d Doing) {
	t.Helper()
	for _, c := range actCases(d) {
		t.Run(c.name, func(t *testing.T) {
			for _, complaint := range c.complaints(t.Context(), d) {
				t.Error(complaint)
			}
		})
	}
}

// oneAct is one case of one verb.
type oneAct struct {
	name string
	deed Deed
	try  func(ctx context.Context, p Platform, deed Deed, n *network) []string
}

func (c oneAct) complaints(ctx context.Context, d Doing) []string {
	if c.deed.Done.Status == 0 {
		c.deed.Done = Answer{Status: 200, Body: `{}`}
	}
	way := Way{Sent: c.deed.Done, Secrets: d.Secrets, Read: c.deed.Read, Said: func(r *http.Request, body []byte) string {
		if c.deed.Asked == nil {
			return "asked"
		}
		return c.deed.Asked(r, body)
	}}
	if way.Read == nil {
		way.Read = func(*http.Request, bool) Answer { return Answer{Status: 404, Body: `{}`} }
	}
	n := newNetwork(way)
	defer n.close()
	p, err := d.New(n.URL)
	if err != nil {
		return []string{"New: " + err.Error()}
	}
	out := append(c.try(ctx, p, c.deed, n), n.stray()...)
	if c.deed.Read == nil && n.looks() > 0 {
		out = append(out, "it looks, where nothing is to be seen")
	}
	return out
}

func actCases(d Doing) []oneAct {
	all := []oneAct{{"described whole", Deed{}, func(context.Context, Platform, Deed, *network) []string { return d.described() }}}
	verbs := []post.Verb{post.Hide, post.Unhide, post.Like, post.Remove}
	for _, deed := range d.Deeds {
		verbs = slices.DeleteFunc(verbs, func(v post.Verb) bool { return v == deed.Act.Verb })
		all = append(all, deedCases(d, deed)...)
	}
	for _, verb := range verbs {
		deed := Deed{Act: post.Act{Account: d.Account, Target: "2", Parent: "1", Verb: verb}}
		all = append(all, oneAct{"there is no " + string(verb), deed, notThere})
	}
	return append(all, oneAct{"a verb that is none", Deed{Act: post.Act{Account: d.Account, Target: "2", Verb: "dance"}}, notThere})
}

func deedCases(d Doing, deed Deed) []oneAct {
	all := []oneAct{
		{"done", deed, done},
		{"done twice", deed, doneTwice},
		{"done, and said to have failed", deed, doneAfter500},
		{"nobody listens", deed, func(ctx context.Context, p Platform, deed Deed, n *network) []string {
			n.Close()
			_, err := p.Act(ctx, deed.Act)
			return n.judged(p, err, fault.Transient, "unreachable")
		}},
		{"too late before it began", deed, func(ctx context.Context, p Platform, deed Deed, n *network) []string {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			_, err := p.Act(ctx, deed.Act)
			return append(n.judged(p, err, fault.Transient, "unreachable"), n.silent()...)
		}},
		{"to nothing", deed, func(ctx context.Context, p Platform, deed Deed, n *network) []string {
			deed.Act.Target = ""
			_, err := p.Act(ctx, deed.Act)
			return append(n.judged(p, err, fault.Invalid, "input"), n.silent()...)
		}},
		{"not let in", deed, refusedAct(Answer{401, `{}`, nil}, fault.Denied, "auth", 0)},
		{"too many calls", deed, refusedAct(Answer{429, `{}`, []string{"Retry-After", "90"}}, fault.Transient, "throttle", 90*time.Second)},
		{"too many calls, without a time", deed, refusedAct(Answer{429, `<html>CANARY`, nil}, fault.Transient, "throttle", 0)},
	}
	for name, a := range unclear() {
		all = append(all, oneAct{name, deed, unclearAct(a)})
	}
	for _, r := range d.Refusals {
		all = append(all, oneAct{"refused: " + r.Name, deed, refusedAct(r.Answer, r.Kind, r.Reason, r.Wait)})
	}
	for _, told := range d.Told {
		all = append(
			all,
			oneAct{"what is used up: " + told.Name, deed, toldAct(told, deed.Done)},
			oneAct{"what is used up, in a refusal: " + told.Name, deed, toldAct(told, Answer{401, `{}`, nil})},
		)
	}
	for i := range all {
		all[i].name = string(deed.Act.Verb) + ": " + all[i].name
	}
	return all
}

// described refuses a description that tries too little.
func (d Doing) described() []string {
	out := quotable(d.Refusals)
	if d.New == nil || d.Account == "" {
		out = append(out, "the doing lacks New or Account")
	}
	for _, deed := range d.Deeds {
		if deed.Act.Account != d.Account || deed.Act.Target == "" || deed.Done.Status == 0 || deed.Asked == nil {
			out = append(out, string(deed.Act.Verb)+": lacks Act, Done or Asked")
		}
	}
	if len(d.Deeds) > 0 && len(d.Refusals) == 0 {
		out = append(out, "no refusal of the network's own")
	}
	return out
}

// silent reports any request that said something.
func (n *network) silent() []string {
	if got := len(n.texts()) + n.looks(); got != 0 {
		return []string{fmt.Sprintf("%d requests were made", got)}
	}
	return nil
}

// askedWell reports what is wrong with the requests that wrote.
func (n *network) askedWell() []string {
	var out []string
	for _, wrong := range n.texts() {
		if wrong != "" {
			out = append(out, wrong)
		}
	}
	return out
}

func done(ctx context.Context, p Platform, deed Deed, n *network) []string {
	got, err := p.Act(ctx, deed.Act)
	if err != nil {
		return []string{"Act: " + err.Error()}
	}
	out := slices.Concat(n.once(), n.askedWell(), endless(got.Usage))
	if n.kept {
		out = append(out, "the connection is kept for another request, and may be dead by then")
	}
	return out
}

// doneTwice: what was so already is done.
func doneTwice(ctx context.Context, p Platform, deed Deed, n *network) []string {
	if _, err := p.Act(ctx, deed.Act); err != nil {
		return []string{"Act: " + err.Error()}
	}
	if deed.Again.Status != 0 {
		n.onWrite = n.answer(deed.Again)
	}
	if _, err := p.Act(ctx, deed.Act); err != nil {
		return []string{"a second time: " + err.Error()}
	}
	return n.askedWell()
}

// doneAfter500 is done again when its outcome is not known, and is then as if done once.
func doneAfter500(ctx context.Context, p Platform, deed Deed, n *network) []string {
	n.onWrite = n.answer(Answer{Status: 500, Body: `{"CANARY":1}`})
	_, err := p.Act(ctx, deed.Act)
	out := slices.Concat(n.doubted(p, err), n.once())
	n.onWrite = n.answer(deed.Done)
	if deed.Again.Status != 0 {
		n.onWrite = n.answer(deed.Again)
	}
	if _, err := p.Act(ctx, deed.Act); err != nil {
		out = append(out, "again: "+err.Error())
	}
	return out
}

// doubted reports an error after which nobody would try again.
func (n *network) doubted(p Platform, err error) []string {
	kind := fault.Uncertain
	if fault.Is(err, fault.Transient) {
		kind = fault.Transient
	}
	return n.judged(p, err, kind, "")
}

func unclearAct(a Answer) func(context.Context, Platform, Deed, *network) []string {
	return func(ctx context.Context, p Platform, deed Deed, n *network) []string {
		n.onWrite = n.answer(a)
		_, err := p.Act(ctx, deed.Act)
		if a.Status == 200 && deed.Done.Body == "" && err == nil {
			return n.once() // where a network says nothing when it did it, any success is one
		}
		return slices.Concat(n.doubted(p, err), n.once())
	}
}

func refusedAct(a Answer, kind fault.Kind, reason string, wait time.Duration) func(context.Context, Platform, Deed, *network) []string {
	return func(ctx context.Context, p Platform, deed Deed, n *network) []string {
		n.onWrite = n.answer(a)
		receipt, err := p.Act(ctx, deed.Act)
		return slices.Concat(n.judged(p, err, kind, reason), n.once(), used(err, reason, wait, receipt.Usage))
	}
}

func toldAct(told Told, a Answer) func(context.Context, Platform, Deed, *network) []string {
	return func(ctx context.Context, p Platform, deed Deed, n *network) []string {
		n.onWrite = n.answer(told.beside(a))
		receipt, _ := p.Act(ctx, deed.Act)
		return told.judge(receipt.Usage)
	}
}

// notThere: what a network does not have is refused for good, before anything is sent.
func notThere(ctx context.Context, p Platform, deed Deed, n *network) []string {
	_, err := p.Act(ctx, deed.Act)
	return append(n.judged(p, err, fault.Permanent, "unsupported"), n.silent()...)
}
