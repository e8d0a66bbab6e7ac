package agenda_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/post"
)

// Only where nobody knows does the network's own word end the doubt: what still looks is done, what would say it again is taken
// back, and its moment is never before the call.
func TestEchoed(t *testing.T) {
	called := noon().Add(-time.Minute)
	for _, tt := range []struct {
		name         string
		state        post.State
		message      string
		called       time.Time
		at, want     time.Time
		done, cancel int
		says         bool
	}{
		{"looked for", post.Unknown, "m", called, noon(), noon(), 1, 0, true},
		{"left to a person", post.Unknown, "", called, noon(), noon(), 0, 0, true},
		{"about to be said once more", post.Planned, "m", called, noon(), noon(), 0, 1, true},
		{"dated before the call", post.Unknown, "m", called, called.Add(-agenda.Lead), called, 1, 0, true},
		{"not dated", post.Unknown, "m", called, time.Time{}, called, 1, 0, true},
		{"dated after now", post.Unknown, "m", called, noon().Add(time.Hour), noon(), 1, 0, true},
		{"never tried", post.Planned, "m", time.Time{}, noon(), time.Time{}, 0, 0, false},
		{"known", post.Sent, "", called, noon(), time.Time{}, 0, 0, false},
		{"refused", post.Refused, "", called, noon(), time.Time{}, 0, 0, false},
		{"cancelled", post.Cancelled, "", time.Time{}, noon(), time.Time{}, 0, 0, false},
	} {
		target := post.Target{Post: "01P", Network: mention.X, State: tt.state, Message: tt.message, ClaimedAt: tt.called, Rev: 4, Version: 3}
		c, says := agenda.Echoed(target, "e1", "https://x.com/i/web/status/1", tt.at, noon())
		if says != tt.says || len(c.Done) != tt.done || len(c.Cancel) != tt.cancel {
			t.Errorf("%s: %t, %+v", tt.name, says, c)
			continue
		}
		if !says {
			continue
		}
		if got := c.Targets[0]; got.State != post.Sent || got.RemoteID != "e1" || got.URL == "" || !got.SentAt.Equal(tt.want) || got.Message != "" || got.Rev != 5 || len(c.Settle) != 4 {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

// An edit and a removal are written once each, in whichever order they are told.
func TestNative(t *testing.T) {
	type step struct {
		removed bool
		at      time.Time
	}
	edit, again, gone := step{false, noon()}, step{false, noon().Add(time.Minute)}, step{true, noon().Add(2 * time.Minute)}
	for name, steps := range map[string][]step{
		"in order": {edit, again, gone}, "the removal first": {gone, again, edit}, "told again": {edit, edit, gone, again, gone, edit},
	} {
		target := post.Target{Post: "01P", Network: mention.X, State: post.Sent, Rev: 1, Version: 1}
		for _, s := range steps {
			if c, news := agenda.Native(target, s.removed, s.at, noon().Add(time.Hour)); news {
				target = c.Targets[0]
			}
		}
		if !target.EditedAt.Equal(again.at) || !target.RemovedAt.Equal(gone.at) || target.Version > 4 {
			t.Errorf("%s: %+v", name, target)
		}
	}
	if c, _ := agenda.Native(post.Target{State: post.Sent}, true, time.Time{}, noon()); !c.Targets[0].RemovedAt.Equal(noon()) {
		t.Errorf("not dated: %+v", c.Targets)
	}
	if _, news := agenda.Native(post.Target{State: post.Unknown}, true, noon(), noon()); news {
		t.Error("of what nobody knows to be there")
	}
}

func TestReads(t *testing.T) {
	other := "Otro texto"
	p := agenda.Plan{Post: post.Post{Content: post.Content{
		Text: "Postula  al curso", Link: "https://sence.gob.cl/c", Variants: map[mention.Network]post.Variant{mention.LinkedIn: {Text: &other}, mention.WhatsApp: {Text: new(string)}},
	}}}
	for _, tt := range []struct {
		n    mention.Network
		text string
		want bool
	}{
		{mention.Facebook, "Postula al curso", true},
		{mention.X, "Postula al curso\nhttps://t.co/abc", true},
		{mention.X, "Postula al curso https://t.co/abc https://t.co/def", false},
		{mention.X, "Postula", false},
		{mention.X, "", false},
		{mention.LinkedIn, "Postula al curso", false},
		{mention.LinkedIn, "Otro texto", true},
		{mention.WhatsApp, "https://t.co/abc", false},
	} {
		if got := p.Reads(tt.n, tt.text); got != tt.want {
			t.Errorf("%s %q: %t", tt.n, tt.text, got)
		}
	}
}

func TestNear(t *testing.T) {
	for after, want := range map[time.Duration]bool{0: true, -15 * time.Minute: true, -16 * time.Minute: false, 24 * time.Hour: true, 25 * time.Hour: false} {
		if agenda.Near(noon().Add(after), noon()) != want {
			t.Errorf("%s after the call: %t", after, !want)
		}
	}
	if agenda.Near(time.Time{}, time.Time{}) {
		t.Error("of no call")
	}
}
