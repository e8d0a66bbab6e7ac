package access_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/once"
)

// Of a renewal that came to nothing the store tells whether it is in doubt; the key is used while it is good, and the network
// is left alone for a while.
func TestAccess_RenewalFails(t *testing.T) {
	fail := func(reason string, wait time.Duration) error {
		return once.Answer{Status: 400}.Fail("test", true, once.Refusal{Reason: reason, Wait: wait})
	}
	tests := []struct {
		name    string
		err     error
		doubt   bool
		refused bool
		pause   time.Duration
	}{
		{"refused for good", fail(once.ReasonAuth, 0), false, true, 0},
		{"not renewed at all", fail(once.ReasonUnsupported, 0), false, true, 0},
		{"down", fail(once.ReasonUnreachable, 0), false, false, time.Minute},
		{"throttled", fail(once.ReasonThrottle, 4*time.Minute), false, false, 4 * time.Minute},
		{"throttled for a day", fail(once.ReasonThrottle, 24*time.Hour), false, false, 15 * time.Minute},
		{"throttled for a moment", fail(once.ReasonThrottle, time.Second), false, false, time.Minute},
		{"not permitted", fail(once.ReasonPermission, 0), false, false, time.Minute},
		{"our own application refused", fail(once.ReasonCredentials, 0), false, false, time.Minute},
		{"no answer", fail(once.ReasonUnknown, 0), true, false, time.Minute},
		{"a failure of nobody", errors.New("algo con LLAVE-SECRETA"), true, false, time.Minute},
		{"the context ended", context.DeadlineExceeded, true, false, time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			k.holds(k.keys(10 * time.Minute))
			k.provider.fail = tt.err
			k.gets(0)
			g := k.shelf.now()
			until := time.Time{}
			if tt.pause != 0 {
				until = noon().Add(tt.pause)
			}
			if g.Doubt != tt.doubt || g.Refused.IsZero() == tt.refused || g.LeaseBy != "" || !g.LeaseUntil.Equal(until) {
				t.Errorf("stored %+v", g)
			}
			k.gets(0)
			if k.provider.asked != 1 {
				t.Errorf("asked %d times at once", k.provider.asked)
			}
			k.clock = k.clock.Add(10 * time.Minute)
			if tt.refused {
				k.fails(fault.Denied, once.ReasonAuth)
				return
			}
			k.provider.fail = nil
			k.clock = k.clock.Add(5 * time.Minute)
			k.gets(1)
		})
	}
}

// Without a usable key the caller learns at once that none can be had, and that nothing was sent.
func TestAccess_NoKeyAtAll(t *testing.T) {
	for reason, kind := range map[string]fault.Kind{
		once.ReasonAuth: fault.Denied, once.ReasonUnsupported: fault.Denied, once.ReasonUnreachable: fault.Transient,
		once.ReasonPermission: fault.Transient, once.ReasonUnknown: fault.Transient, once.ReasonThrottle: fault.Transient,
	} {
		k := newKit(t)
		k.holds(k.keys(0))
		k.provider.fail = once.Answer{Status: 400}.Fail("test", true, once.Refusal{Reason: reason, Wait: 3 * time.Minute})
		want := once.ReasonCredentials
		if kind == fault.Denied {
			want = once.ReasonAuth
		}
		if wait := k.fails(kind, want); reason == once.ReasonThrottle && wait != 3*time.Minute {
			t.Errorf("wait %s", wait)
		}
		k.fails(kind, want) // nobody waits for what has failed
		if k.provider.asked != 1 || len(k.waited) != 0 {
			t.Errorf("%s: asked %d times, waited %v", reason, k.provider.asked, k.waited)
		}
	}
}

// Who crashed between the renewal and its writing left keys that are worth nothing: one more try, and then a person must
// connect the account again.
func TestAccess_CrashBeforeWriting(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(10 * time.Minute))
	k.shelf.commit = func(g channel.Grant) error {
		if g.LeaseBy == "" { // every write after the lease
			return errDown
		}
		return nil
	}
	k.gets(0) // the old key is good, and the failure not forgotten:
	g := k.shelf.now()
	if g.LeaseBy == "" || !g.Doubt {
		t.Fatalf("stored %+v", g)
	}
	k.shelf.commit, k.clock = nil, noon()
	k.gets(0)
	if k.provider.asked != 1 {
		t.Errorf("asked %d times under one lease", k.provider.asked)
	}
	k.clock = g.LeaseUntil
	k.gets(0)
	if g = k.shelf.now(); k.provider.asked != 2 || g.Refused.IsZero() || g.Doubt {
		t.Errorf("asked %d times, stored %+v", k.provider.asked, g)
	}
	k.clock = noon().Add(time.Hour)
	k.fails(fault.Denied, once.ReasonAuth)
	k.fails(fault.Denied, once.ReasonAuth)
	if k.provider.asked != 2 {
		t.Errorf("asked %d times in the end", k.provider.asked)
	}
	again := k.keys(2 * time.Hour)
	again.Access = accessKey(7)
	k.holds(again) // a person connects the account again
	k.gets(7)
}

// A renewal of which no answer came may be repeated: it never arrived, and the old key still renews.
func TestAccess_AnswerLostBeforeArriving(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0), func(g *channel.Grant) { g.LeaseBy, g.LeaseUntil, g.Doubt = "otro", noon().Add(-time.Second), true })
	k.provider.fail = once.Answer{}.Fail("test", true, once.Refusal{Reason: once.ReasonUnreachable})
	k.fails(fault.Transient, once.ReasonCredentials)
	if !k.shelf.now().Doubt {
		t.Error("an earlier doubt is forgotten although nothing was settled")
	}
	k.provider.fail = nil
	k.clock = k.clock.Add(time.Minute)
	k.gets(1)
	if k.shelf.now().Doubt {
		t.Error("the doubt stays although the keys are new")
	}
}

// What was renewed is written however often the store stumbles, and found when only the answer was lost.
func TestAccess_StoreStumbles(t *testing.T) {
	for name, plant := range map[string]func(*kit, *int){
		"nothing written": func(k *kit, left *int) {
			k.shelf.commit = func(g channel.Grant) error {
				if *left--; *left >= 0 && g.LeaseBy == "" {
					return errDown
				}
				return nil
			}
		},
		"answers lost": func(k *kit, left *int) {
			k.shelf.lose = func(g channel.Grant) error {
				if *left--; *left >= 0 && g.LeaseBy == "" {
					return errDown
				}
				return nil
			}
		},
	} {
		k := newKit(t)
		k.holds(k.keys(0))
		left := 5
		plant(k, &left)
		k.gets(1)
		if k.shelf.now().Doubt || k.provider.asked != 1 {
			t.Errorf("%s: asked %d times, stored %+v", name, k.provider.asked, k.shelf.now())
		}
		k.gets(1)
	}
}

// Whoever was so slow that another took the keys over still stores what the network gave: the other has only what is over.
func TestAccess_TakenOver(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0))
	k.provider.then = func() {
		g := k.shelf.now()
		g.LeaseBy, g.LeaseUntil, g.Rev = "otro", noon().Add(2*time.Minute), g.Rev+1
		if err := k.shelf.put(g); err != nil {
			t.Fatal(err)
		}
	}
	k.gets(1)
	k.gets(1)
	if g := k.shelf.now(); g.LeaseBy != "" || g.Doubt {
		t.Errorf("stored %+v", g)
	}
}

// Whoever connected the account again meanwhile is right, whatever a renewal of the old keys brings.
func TestAccess_ConnectedMeanwhile(t *testing.T) {
	for name, fail := range map[string]error{"renewed": nil, "refused": refusal(), "lost": errDown} {
		k := newKit(t)
		k.holds(k.keys(0))
		other := k.another("desk")
		connect := func() {
			keys := k.keys(2 * time.Hour)
			keys.Access = accessKey(9)
			if err := other.Save(t.Context(), account(), keys); err != nil {
				t.Fatal(err)
			}
		}
		k.provider.fail = fail
		if fail == nil {
			k.provider.then = connect
		} else {
			k.shelf.commit = func(g channel.Grant) error {
				if g.LeaseBy == "" {
					k.shelf.commit = nil
					connect()
				}
				return nil
			}
		}
		k.gets(9)
		if g := k.shelf.now(); !g.Refused.IsZero() || k.provider.asked != 1 {
			t.Errorf("%s: asked %d times, stored %+v", name, k.provider.asked, g)
		}
	}
}

// Who finds a lease on a key that has ended waits for whoever renews it, as long as the caller has time.
func TestAccess_Waits(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0), func(g *channel.Grant) { g.LeaseBy, g.LeaseUntil, g.Doubt = "otro", noon().Add(time.Minute), true })
	k.wait = func(n int) error {
		if n == 5 {
			keys := k.keys(2 * time.Hour)
			keys.Access = accessKey(4)
			return k.another("otro").Save(t.Context(), account(), keys)
		}
		return nil
	}
	k.gets(4)
	if len(k.waited) != 5 || k.provider.asked != 0 {
		t.Errorf("waited %v, asked %d times", k.waited, k.provider.asked)
	}
	k = newKit(t)
	k.holds(k.keys(0), func(g *channel.Grant) { g.LeaseBy, g.LeaseUntil = "otro", noon().Add(time.Minute) })
	k.wait = func(int) error { return context.DeadlineExceeded }
	k.fails(fault.Transient, once.ReasonCredentials)
	k = newKit(t)
	k.holds(k.keys(0), func(g *channel.Grant) { g.LeaseBy, g.LeaseUntil = "otro", noon().Add(time.Minute) })
	k.gets(1) // the other never came back
	if k.provider.asked != 1 || k.clock.Before(noon().Add(time.Minute)) {
		t.Errorf("asked %d times, at %s", k.provider.asked, k.clock)
	}
}

// A process that stood still after it took the lease does not begin a call it has no time for.
func TestAccess_StoodStill(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0))
	k.shelf.lose = func(g channel.Grant) error {
		if g.LeaseBy != "" {
			k.clock = k.clock.Add(20 * time.Second)
		}
		return nil
	}
	k.fails(fault.Transient, once.ReasonCredentials)
	if g := k.shelf.now(); k.provider.asked != 0 || g.Doubt || g.LeaseBy != "" {
		t.Errorf("asked %d times, stored %+v", k.provider.asked, g)
	}
}

// The caller's time may end during a renewal: it is carried to its end, or the new keys would be lost.
func TestAccess_CallerGone(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0))
	ctx, cancel := context.WithCancel(t.Context())
	k.provider.then = cancel
	if got, err := k.Access(ctx, account()); err != nil || got.Token != accessKey(1) {
		t.Errorf("Access = %v, %v", got, err)
	}
	if k.shelf.now().Doubt {
		t.Error("the renewal was not stored")
	}
}

// What our own side does not give is for later, and what it may not have is denied; never is it the person's to mend.
func TestAccess_OurOwnTrouble(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0))
	k.shelf.down = errDown
	k.fails(fault.Transient, once.ReasonCredentials)
	k.shelf.down = nil
	k.shelf.commit = func(channel.Grant) error { return errDown } // no lease, no call
	k.fails(fault.Transient, once.ReasonCredentials)
	if k.provider.asked != 0 {
		t.Error("asked without a lease")
	}
	k.shelf.commit = nil
	for name, tt := range map[string]struct {
		key  func(context.Context) ([]byte, error)
		kind fault.Kind
	}{
		"no secret":      {func(context.Context) ([]byte, error) { return nil, errDown }, fault.Transient},
		"may not read":   {func(context.Context) ([]byte, error) { return nil, fault.New(fault.Denied, "test", nil) }, fault.Denied},
		"short secret":   {func(context.Context) ([]byte, error) { return []byte("corto"), nil }, fault.Transient},
		"another secret": {func(context.Context) ([]byte, error) { return make([]byte, 32), nil }, fault.Transient},
	} {
		k.Keeper = access.New(access.Config{Store: k.shelf, Key: tt.key, Clock: noon})
		k.Log(name)
		k.fails(tt.kind, once.ReasonCredentials)
	}
}
