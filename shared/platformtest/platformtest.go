// Package platformtest is what every way out of ours must keep, tried against a network that misbehaves on purpose.
//
// A test of a way out describes it once as a Way and calls Run:
//
//	platformtest.Run(t, platformtest.Way{
//		New:      func(base string) (platformtest.Platform, error) { … a client of the server at base, with Token … },
//		Out:      post.Outgoing{Account: "1", Target: "2", Visibility: post.Public, Text: platformtest.Text},
//		Sent:     platformtest.Answer{Status: 200, Body: `{"id":"9"}`},
//		ID:       "9",
//		Said:     func(r *http.Request, body []byte) string { … the text that this request says … },
//		Read:     func(r *http.Request, said bool) platformtest.Answer { … what the network shows … },
//		Refusals: []platformtest.Refusal{…},
//	})
//
// What may be done besides answering is described as a Doing (RunActs), how a network is read as a Reading (RunReader), and how
// posts go out on it as a Publishing (RunPublisher).
//
// Every error of the way out is looked through for Token, Text, and any word of an answer that holds Canary.
package platformtest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
)

// What must never be seen outside of a request. Whatever a Way's answers say in words should hold Canary.
const (
	Canary = "CANARY"
	Token  = "CANARY-token-1f3a" //nolint:gosec // a word to look for, which opens nothing
	Text   = "CANARY: hola, año nuevo & más 👩‍👩‍👧\n50% = \"ñ\""
)

// Since is the instant from which the suite looks for our answer.
func Since() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// SaidAt is when the network says that our answer was said.
func SaidAt() time.Time { return Since().Add(2 * time.Second) }

// Platform is a way out, as deliver uses it.
type Platform interface {
	Send(ctx context.Context, o post.Outgoing) (post.Receipt, error)
	Find(ctx context.Context, o post.Outgoing, since time.Time) (remoteID string, found bool, err error)
	Act(ctx context.Context, a post.Act) (post.Receipt, error)
	Reason(err error) string
}

// Answer is what the network answers one request. Header holds names and values in turn; without a Date it is SaidAt.
type Answer struct {
	Status int
	Body   string
	Header []string
}

// Refusal is one of the network's own refusals of a Send and what it must mean: the kind, the reason code, and how long to
// wait.
type Refusal struct {
	Name   string
	Answer Answer
	Kind   fault.Kind
	Reason string
	Wait   time.Duration
}

// Told is how a network says in its headers how much of our quota is used up, beside an answer of SaidAt, and what that is
// in our words.
type Told struct {
	Name   string
	Header []string
	Want   channel.Usage
}

// Way describes one way out. Writes tells the requests that say something from those that only look, nil for all but GET.
// Read gives what the network shows to a look, with our answer in it (as ID, at SaidAt) or without; a nil Read says that
// the network cannot be read back. Elsewhere, which may be nil, gives a page without our answer whose continuation is on
// the host of the address foreign. Told are the network's ways to say how much is used up, of which it may have none. Secrets
// are more words that no error may hold.
type Way struct {
	New       func(base string) (Platform, error)
	Out       post.Outgoing
	Sent      Answer
	ID        string
	Said      func(r *http.Request, body []byte) string
	Writes    func(r *http.Request) bool
	Read      func(r *http.Request, said bool) Answer
	Elsewhere func(r *http.Request, foreign string) Answer
	Refusals  []Refusal
	Told      []Told
	Secrets   []string
}

// Run tries the way out.
func Run(t *testing.T, w Way) {
	t.Helper()
	for _, c := range cases(w) {
		t.Run(c.name, func(t *testing.T) {
			for _, complaint := range c.complaints(t.Context(), w) {
				t.Error(complaint)
			}
		})
	}
}

// one is one case: what a way out does wrong in it, in sentences.
type one struct {
	name string
	try  func(ctx context.Context, w Way, n *network) []string
}

// complaints gives a case its own network.
func (c one) complaints(ctx context.Context, w Way) []string {
	n := newNetwork(w)
	defer n.close()
	return c.try(ctx, w, n)
}

func cases(w Way) []one {
	return slices.Concat([]one{{"described whole", described}}, sendCases(), toldCases(w), refusalCases(w), findCases(w))
}

// described refuses a description that tries too little.
func described(_ context.Context, w Way, _ *network) []string {
	var out []string
	if w.New == nil || w.Said == nil || w.ID == "" || w.Sent.Status == 0 || w.Out.Account == "" || w.Out.Text != Text {
		return []string{"the way lacks New, Said, ID, Sent, Out.Account, or its text is not Text"}
	}
	out = append(out, quotable(w.Refusals)...)
	kinds := map[fault.Kind]bool{}
	for _, r := range w.Refusals {
		kinds[r.Kind] = true
	}
	if !kinds[fault.Denied] || !kinds[fault.Transient] || !kinds[fault.Permanent] && !kinds[fault.Invalid] || !kinds[fault.Uncertain] {
		out = append(out, "no refusal of each sort: Denied, Transient, Uncertain, and Permanent or Invalid")
	}
	return out
}

// quotable reports refusals of which nobody would see whether an error quotes them.
func quotable(refusals []Refusal) []string {
	var out []string
	for _, r := range refusals {
		if strings.Contains(r.Answer.Body, `"`) && !strings.Contains(r.Answer.Body, Canary) {
			out = append(out, r.Name+": the answer holds no Canary, so nobody sees whether an error quotes it")
		}
	}
	return out
}
