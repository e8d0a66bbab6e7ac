package access_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/once"
)

// What is done about a key follows from when it ends, how the account was connected, and what others do about it.
func TestAccess(t *testing.T) {
	const old, fresh, none, later = 0, 1, -1, -2
	leased := func(by string, until time.Duration) func(*channel.Grant) {
		return func(g *channel.Grant) {
			g.LeaseBy, g.LeaseUntil, g.Doubt = by, noon().Add(until), true
		}
	}
	refused := func(g *channel.Grant) { g.Refused = noon().Add(-time.Hour) }
	tests := []struct {
		name   string
		left   time.Duration
		tokens func(*channel.Tokens)
		grant  func(*channel.Grant)
		want   int
		asked  int
	}{
		{"far from its end", time.Hour, nil, nil, old, 0},
		{"just before the margin", 30*time.Minute + time.Second, nil, nil, old, 0},
		{"at the margin", 30 * time.Minute, nil, nil, fresh, 1},
		{"ended", -time.Minute, nil, nil, fresh, 1},
		{"never ends", 0, func(t *channel.Tokens) { t.Until = time.Time{} }, nil, old, 0},
		{"never ends, of OAuth 1.0a", 0, func(t *channel.Tokens) { t.Until, t.Method, t.Refresh = time.Time{}, channel.OAuth1, "" }, nil, old, 0},
		{"pasted, near its end", time.Minute + time.Second, func(t *channel.Tokens) { t.Method = channel.ByHand }, nil, old, 0},
		{"pasted, and ended", 59 * time.Second, func(t *channel.Tokens) { t.Method = channel.ByHand }, nil, none, 0},
		{"the right to renew is over", 10 * time.Minute, func(t *channel.Tokens) { t.RefreshUntil = noon() }, nil, old, 0},
		{"the right to renew is over, and the key too", 0, func(t *channel.Tokens) { t.RefreshUntil = noon() }, nil, none, 0},
		{"the last moment of the right to renew", 0, func(t *channel.Tokens) { t.RefreshUntil = noon().Add(time.Second) }, nil, fresh, 1},
		{"a short life is not renewed in its first half", 11 * time.Minute, func(t *channel.Tokens) { t.RenewedAt = noon().Add(-9 * time.Minute) }, nil, old, 0},
		{"a short life is renewed in its second half", 9 * time.Minute, func(t *channel.Tokens) { t.RenewedAt = noon().Add(-11 * time.Minute) }, nil, fresh, 1},
		{"never renewed: its life began with the grant", 9 * time.Minute, func(t *channel.Tokens) { t.RenewedAt, t.FirstAt = time.Time{}, noon().Add(-time.Minute) }, nil, old, 0},
		{"another renews it, and it is good", 10 * time.Minute, nil, leased("otro", time.Second), old, 0},
		{"another crashed while renewing", 10 * time.Minute, nil, leased("otro", 0), fresh, 1},
		{"another crashed while renewing, and it has ended", 0, nil, leased("otro", -time.Second), fresh, 1},
		{"just tried in vain, and it is good", 10 * time.Minute, nil, leased("", time.Second), old, 0},
		{"just tried in vain, and it has ended", 0, nil, leased("", time.Second), later, 0},
		{"tried in vain long ago", 0, nil, leased("", 0), fresh, 1},
		{"the network will not renew it", 10 * time.Minute, nil, refused, old, 0},
		{"the network will not renew it, and it has ended", 0, nil, refused, none, 0},
		{"taken away", time.Hour, nil, func(g *channel.Grant) { g.Sealed = "" }, none, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := newKit(t)
			keys := k.keys(tt.left)
			if tt.tokens != nil {
				tt.tokens(&keys)
			}
			k.holds(keys)
			if tt.grant != nil {
				k.holds(keys, tt.grant)
			}
			switch tt.want {
			case none:
				k.fails(fault.Denied, once.ReasonAuth)
			case later:
				if wait := k.fails(fault.Transient, once.ReasonCredentials); wait != time.Second {
					t.Errorf("wait %s, want a second", wait)
				}
			default:
				k.gets(tt.want)
			}
			if k.provider.asked != tt.asked || len(k.waited) != 0 {
				t.Errorf("asked %d times, waited %v", k.provider.asked, k.waited)
			}
		})
	}
}

// Every network but X gives keys of weeks: they are renewed a week before.
func TestAccess_MarginOfWeeks(t *testing.T) {
	ref := channel.Ref{Network: mention.LinkedIn, Account: "urn:li:organization:1"}
	for left, asked := range map[time.Duration]int{7*24*time.Hour + time.Second: 0, 7 * 24 * time.Hour: 1} {
		k := newKit(t)
		keys := k.keys(left)
		keys.RenewedAt = noon().Add(-50 * 24 * time.Hour)
		if err := k.Save(t.Context(), ref, keys); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Access(t.Context(), ref); err != nil || k.provider.asked != asked {
			t.Errorf("%s before: asked %d times, %v", left, k.provider.asked, err)
		}
	}
}

// A renewal is stored whole: what the network gave, and what it did not say anew.
func TestAccess_Stored(t *testing.T) {
	k := newKit(t)
	was := k.keys(10 * time.Minute)
	was.RefreshUntil, was.DataUntil = noon().Add(24*time.Hour), noon().Add(48*time.Hour)
	k.holds(was)
	before := k.shelf.now()
	k.gets(1)
	k.gets(1) // and nobody asks for another
	want := was
	want.Access, want.Refresh, want.Until, want.RenewedAt = accessKey(1), refreshKey(1), noon().Add(2*time.Hour), noon()
	got, err := k.Tokens(t.Context(), account())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
	now := k.shelf.now()
	if now.Rev != before.Rev+2 || now.LeaseBy != "" || !now.LeaseUntil.IsZero() || now.Doubt || !now.Refused.IsZero() || now.Sealed == before.Sealed {
		t.Errorf("stored %+v after %+v", now, before)
	}
	if k.provider.asked != 1 {
		t.Errorf("asked %d times", k.provider.asked)
	}
	k.clock = k.clock.Add(100 * time.Minute)
	k.gets(2)
}

// While the call is made, the lease stands in the store, and is nobody else's.
func TestAccess_Lease(t *testing.T) {
	k := newKit(t)
	k.holds(k.keys(0))
	var during channel.Grant
	k.provider.then = func() { during = k.shelf.now() }
	k.gets(1)
	if during.LeaseBy == "" || !during.LeaseUntil.Equal(noon().Add(time.Minute)) || !during.Doubt {
		t.Errorf("while it renews: %+v", during)
	}
	first := during.LeaseBy
	k.clock = k.clock.Add(2 * time.Hour)
	k.gets(2)
	if during.LeaseBy == first {
		t.Errorf("two leases have one name, %q: one could pass for the other", first)
	}
}

// Nobody has keys for an account nobody connected, and each account has its own.
func TestAccess_NoGrant(t *testing.T) {
	k := newKit(t)
	k.fails(fault.Denied, once.ReasonAuth)
	if _, err := k.Tokens(t.Context(), account()); !fault.Is(err, fault.Denied) || once.Reason(err) != once.ReasonAuth {
		t.Errorf("Tokens: %v", err)
	}
	if _, found, err := k.Emptied(t.Context(), account()); err != nil || found {
		t.Errorf("Emptied = %v, %v", found, err)
	}
	k.holds(k.keys(time.Hour))
	moved := k.shelf.now()
	moved.Ref, moved.Rev = channel.Ref{Network: mention.X, Account: "200"}, 1
	if err := k.shelf.put(moved); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Access(t.Context(), moved.Ref); !fault.Is(err, fault.Transient) || got.Token != "" {
		t.Errorf("the keys of one account open another: %v, %v", got, err)
	}
}

// Keys are put away, looked at, replaced and taken away.
func TestKeeper_Grants(t *testing.T) {
	k := newKit(t)
	first := k.keys(time.Hour)
	g, err := k.Grant(t.Context(), account(), first)
	if err != nil || g.Rev != 1 || g.Ref != account() {
		t.Fatalf("Grant = %+v, %v", g, err)
	}
	if err := k.shelf.put(g); err != nil {
		t.Fatal(err)
	}
	got, err := k.Tokens(t.Context(), account())
	if diff := cmp.Diff(first, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	used, err := k.Access(t.Context(), account())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := k.Renewed(t.Context(), account(), used); err != nil || again {
		t.Errorf("Renewed = %v, %v before anything happened", again, err)
	}
	second := first
	second.Access = accessKey(3)
	k.holds(second)
	if again, err := k.Renewed(t.Context(), account(), used); err != nil || !again {
		t.Errorf("Renewed = %v, %v with another key", again, err)
	}
	empty, found, err := k.Emptied(t.Context(), account())
	if err != nil || !found || empty != (channel.Grant{Ref: account(), Rev: 3}) {
		t.Fatalf("Emptied = %+v, %v, %v", empty, found, err)
	}
	if err := k.shelf.put(empty); err != nil {
		t.Fatal(err)
	}
	k.fails(fault.Denied, once.ReasonAuth)
	if _, found, err := k.Emptied(t.Context(), account()); err != nil || found {
		t.Errorf("Emptied again = %v, %v", found, err)
	}
	k.holds(first)
	k.gets(0)
	conflicts := 3
	k.shelf.commit = func(channel.Grant) error {
		if conflicts--; conflicts >= 0 {
			return fault.New(fault.Conflict, "test", nil)
		}
		return nil
	}
	k.holds(second) // somebody renewed at the same moment
	k.gets(3)
}
