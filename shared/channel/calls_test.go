package channel_test

import (
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/mention"
)

func working() channel.Channel {
	return channel.Channel{
		Ref: channel.Ref{Network: mention.Facebook, Account: "1"}, State: channel.Working, Since: noon().Add(-time.Hour), Called: noon().Add(-10 * time.Second), Rev: 7,
	}
}

func state(c channel.Channel, s channel.State, reason, by string) channel.Channel {
	c.State, c.Reason, c.By = s, reason, by
	return c
}

// The network's own reasons stop an account once, and replace a person's; nothing opens a closed one.
func TestChannel_Halt(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    channel.Channel
		want bool
	}{
		{"working", working(), true},
		{"nothing known of it", channel.Channel{}, true},
		{"for this already", state(working(), channel.Paused, channel.ReasonAuth, ""), false},
		{"for another reason of the network", state(working(), channel.Paused, channel.ReasonRevoked, ""), false},
		{"by a person", state(working(), channel.Paused, channel.ReasonByHand, "supervisor"), true},
		{"closed", state(working(), channel.Closed, channel.ReasonByHand, "supervisor"), false},
	} {
		got, changed := tt.c.Halt(channel.ReasonAuth, noon())
		if changed != tt.want {
			t.Errorf("%s: changed %t", tt.name, changed)
		}
		if changed && (got.State != channel.Paused || got.Reason != channel.ReasonAuth || got.By != "" || !got.Since.Equal(noon()) || got.Rev != tt.c.Rev+1) {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}

func TestChannel_Lift(t *testing.T) {
	blocked := state(working(), channel.Paused, channel.ReasonBlocked, "")
	if got, changed := blocked.Lift(channel.ReasonBlocked, noon()); !changed || got.State != channel.Working || got.Reason != "" || got.Rev != 8 {
		t.Errorf("lifted: %+v, %t", got, changed)
	}
	if _, changed := blocked.Lift(channel.ReasonAuth, noon()); changed {
		t.Error("lifted for another reason")
	}
	if _, changed := working().Lift("", noon()); changed {
		t.Error("lifted what works")
	}
}

// What a call told is written when it says something new, and else once a minute.
func TestChannel_Calls(t *testing.T) {
	use := func(share float64, minutes int) channel.Usage {
		return channel.Usage{Share: share, Until: noon().Add(time.Duration(minutes) * time.Minute), At: noon()}
	}
	with := func(u channel.Usage) channel.Channel {
		c := working()
		u.At = noon().Add(-time.Second)
		c.Usage = u
		return c
	}
	failed := working()
	failed.Failed = "throttle"
	minute := working()
	minute.Called = noon().Add(-time.Minute)
	for _, tt := range []struct {
		name   string
		c      channel.Channel
		reason string // "" took it
		use    channel.Usage
		worth  bool
	}{
		{"again within the minute", working(), "", channel.Usage{}, false},
		{"a minute later", minute, "", channel.Usage{}, true},
		{"nothing was known of it", channel.Channel{}, "", channel.Usage{}, true},
		{"after a failure", failed, "", channel.Usage{}, true},
		{"a failure", working(), "auth", channel.Usage{}, true},
		{"the same failure", failed, "throttle", channel.Usage{}, false},
		{"another failure", failed, "auth", channel.Usage{}, true},
		{"use is known now", working(), "", use(0.06, 10), true},
		{"use as it was", with(use(0.50, 10)), "", use(0.53, 10), false},
		{"use moved", with(use(0.50, 10)), "", use(0.56, 10), true},
		{"use fell", with(use(0.50, 10)), "", use(0.44, 10), true},
		{"into slow", with(use(0.74, 10)), "", use(0.75, 10), true},
		{"out of stop", with(use(0.95, 10)), "", use(0.94, 10), true},
		{"stopped for longer", with(use(0.99, 10)), "", use(0.99, 20), true},
		{"stopped as long", with(use(0.99, 10)), "", use(0.99, 10), false},
	} {
		got, worth := tt.c.Answered(tt.use, noon())
		if tt.reason != "" {
			got, worth = tt.c.Refused(tt.reason, tt.use, noon())
		}
		if worth != tt.worth {
			t.Errorf("%s: worth a write %t", tt.name, worth)
		}
		if got.Failed != tt.reason || got.State != channel.Working || got.Rev != tt.c.Rev+1 {
			t.Errorf("%s: %+v", tt.name, got)
		}
		if tt.reason == "" && !got.Called.Equal(noon()) {
			t.Errorf("%s: called %s", tt.name, got.Called)
		}
		if tt.use.Known() && got.Usage != tt.use {
			t.Errorf("%s: use %+v", tt.name, got.Usage)
		}
	}
	stale := use(0.2, 10)
	stale.At = noon().Add(-time.Minute)
	if got, worth := with(use(0.9, 10)).Answered(stale, noon()); worth || got.Usage.Share != 0.9 {
		t.Errorf("an older use replaced a newer one: %+v", got.Usage)
	}
	paused := state(working(), channel.Paused, channel.ReasonAuth, "")
	if got, _ := paused.Answered(channel.Usage{}, noon()); got.State != channel.Paused {
		t.Error("a call resumed the account")
	}
}

func TestThrottled(t *testing.T) {
	u := channel.Throttled(time.Hour, noon())
	if u.Pace(noon().Add(time.Hour-time.Second)) != channel.Stop || u.Pace(noon().Add(time.Hour)) != channel.Free {
		t.Errorf("%+v", u)
	}
}

func TestChannel_Lacks(t *testing.T) {
	c, changed := working().Lacks("pages_messaging")
	if !changed || len(c.Missing) != 1 || c.Rev != 8 {
		t.Errorf("%+v, %t", c, changed)
	}
	if _, changed := c.Lacks("pages_messaging"); changed {
		t.Error("noted twice")
	}
	if _, changed := c.Lacks(""); changed {
		t.Error("no name is a right")
	}
}

func TestRightFor(t *testing.T) {
	for _, n := range mention.Networks() {
		for _, u := range []channel.Use{channel.UsePublic, channel.UsePrivate, channel.UseHide, channel.UseLike, channel.UseRemove, channel.UsePost} {
			if channel.RightFor(n, u) == "" {
				t.Errorf("%s needs nothing on %s", u, n)
			}
		}
	}
	if channel.RightFor(mention.Facebook, channel.UsePost) == channel.RightFor(mention.Facebook, channel.UsePublic) {
		t.Error("publishing and answering need the same right")
	}
	if channel.RightFor(mention.X, channel.UseHide) == channel.RightFor(mention.X, channel.UsePublic) || channel.RightFor("otra", channel.UseHide) != "" {
		t.Error("rights of X, or of no network")
	}
}

func TestAils(t *testing.T) {
	for reason, want := range map[string]bool{"auth": true, "throttle": true, "unreachable": true, "permission": true, "content": false, "gone": false, "window": false, "": false} {
		if channel.Ails(reason) != want {
			t.Errorf("%q: %t", reason, !want)
		}
	}
}
