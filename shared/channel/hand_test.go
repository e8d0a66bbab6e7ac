package channel_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

func noon() time.Time { return time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC) }

// What a person may do with an account, in each of its states; what is refused says why.
func TestChannel_ByHand(t *testing.T) {
	acts := map[string]func(channel.Channel, string, time.Time) (channel.Channel, error){
		"pause": channel.Channel.Pause, "resume": channel.Channel.Resume, "close": channel.Channel.Close,
		"look": func(c channel.Channel, _ string, _ time.Time) (channel.Channel, error) { return c, c.Look() },
	}
	for _, tt := range []struct {
		name  string
		state channel.State
		why   string
		may   string
	}{
		{"nobody connected it", "", "", ""},
		{"it works", channel.Working, "", "pause close look"},
		{"paused by hand", channel.Paused, channel.ReasonByHand, "resume close look"},
		{"its key died", channel.Paused, channel.ReasonAuth, "close look"},
		{"its access was taken", channel.Paused, channel.ReasonRevoked, "close look"},
		{"a right is missing", channel.Paused, channel.ReasonPermission, "close look"},
		{"the network stopped us", channel.Paused, channel.ReasonBlocked, "resume close look"},
		{"the money is spent", channel.Paused, channel.ReasonBudget, "resume close look"},
		{"taken away", channel.Closed, channel.ReasonByHand, ""},
	} {
		for act, do := range acts {
			was := channel.Channel{State: tt.state, Reason: tt.why, Rev: 3}
			now, err := do(was, "supervisor", noon())
			if allowed := strings.Contains(" "+tt.may+" ", " "+act+" "); allowed != (err == nil) {
				t.Errorf("%s, %s: %v", tt.name, act, err)
				continue
			}
			if err != nil {
				var f *fault.Error
				if !fault.Is(err, fault.Conflict) || !errors.As(err, &f) || f.Public == "" {
					t.Errorf("%s, %s is refused without a word: %v", tt.name, act, err)
				}
				continue
			}
			want := map[string]channel.State{"pause": channel.Paused, "resume": channel.Working, "close": channel.Closed, "look": tt.state}[act]
			if now.State != want {
				t.Errorf("%s, %s: %s", tt.name, act, now.State)
			}
			if act != "look" && (now.Rev != 4 || now.By != "supervisor" || !now.Since.Equal(noon())) {
				t.Errorf("%s, %s: rev %d by %q since %s", tt.name, act, now.Rev, now.By, now.Since)
			}
			if act == "resume" && now.Reason != "" {
				t.Errorf("%s goes on with reason %q", tt.name, now.Reason)
			}
		}
	}
}

func TestBegin(t *testing.T) {
	for _, tt := range []struct {
		name  string
		w     channel.Wanted
		field string
		want  channel.Method
	}{
		{"the usual way", channel.Wanted{Network: mention.Facebook}, "", channel.OAuth2},
		{"X by its old way", channel.Wanted{Network: mention.X, Method: channel.OAuth1}, "", channel.OAuth1},
		{"a pasted key", channel.Wanted{Network: mention.WhatsApp, Method: channel.ByHand, Account: "106540352242922", Token: "EAA"}, "", channel.ByHand},
		{"a network of nobody", channel.Wanted{Network: "orkut"}, "network", ""},
		{"a way of nobody", channel.Wanted{Network: mention.X, Method: "saml"}, "method", ""},
		{"the way of another network", channel.Wanted{Network: mention.LinkedIn, Method: channel.OAuth1}, "method", ""},
		{"a key without the word for it", channel.Wanted{Network: mention.Facebook, Token: "EAA"}, "token", ""},
		{"a key of no account", channel.Wanted{Network: mention.Facebook, Method: channel.ByHand, Token: "EAA"}, "account", ""},
		{"an account with a line break", channel.Wanted{Network: mention.Facebook, Method: channel.ByHand, Account: "1\n2", Token: "EAA"}, "account", ""},
		{"no key", channel.Wanted{Network: mention.Facebook, Method: channel.ByHand, Account: "1"}, "token", ""},
		{"half a key", channel.Wanted{Network: mention.Facebook, Method: channel.ByHand, Account: "1", Token: "EAA BBB"}, "token", ""},
		{"far too much", channel.Wanted{Network: mention.Facebook, Method: channel.ByHand, Account: "1", Token: strings.Repeat("E", 4097)}, "token", ""},
		{"a strange second half", channel.Wanted{Network: mention.X, Method: channel.ByHand, Account: "1", Token: "a", Secret: "ñ"}, "secret", ""},
	} {
		tt.w.By, tt.w.Redirect = "supervisor", "https://gestor.example/oauth/callback"
		c, err := channel.Begin("estado", tt.w, noon())
		if tt.field != "" {
			var f *fault.Error
			if !fault.Is(err, fault.Invalid) || !errors.As(err, &f) || f.Field != tt.field || strings.Contains(err.Error(), "EAA") {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil || c.Method != tt.want || c.ID != "estado" || c.Rev != 1 || c.By != "supervisor" || c.Network != string(tt.w.Network) ||
			c.Redirect == "" || !c.Expires.Equal(noon().Add(channel.Lifetime)) {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
		if byHand := c.Method == channel.ByHand; byHand != (c.Step == channel.StepCode) || byHand != (c.Account != "") {
			t.Errorf("%s begins at %s with account %q", tt.name, c.Step, c.Account)
		}
		if text := fmt.Sprintf("%v %+v %#v", c, c, c); strings.Contains(text, "EAA") {
			t.Errorf("%s: the key stands in the connection", tt.name)
		}
	}
}

// A person comes back from the network once, and chooses once, among what there is to choose.
func TestConnection_Steps(t *testing.T) {
	begun, err := channel.Begin("estado", channel.Wanted{Network: mention.Facebook, By: "supervisor"}, noon())
	if err != nil {
		t.Fatal(err)
	}
	back, err := begun.Returned("sellado", "")
	if err != nil || back.Step != channel.StepCode || back.Code != "sellado" || back.Rev != 2 {
		t.Errorf("back: %+v, %v", back, err)
	}
	if again, err := back.Returned("otro", ""); !fault.Is(err, fault.Conflict) || again.Code != "sellado" {
		t.Errorf("back twice: %+v, %v", again, err)
	}
	no, err := begun.Returned("", channel.ReasonRefused)
	if err != nil || no.Step != channel.StepFailed || no.Reason != channel.ReasonRefused || no.Code != "" {
		t.Errorf("refused: %+v, %v", no, err)
	}
	if _, err := begun.Choose("1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("chosen before there is a choice: %v", err)
	}
	back.Step, back.Choices = channel.StepChoose, []channel.Choice{{Account: "1", Name: "Una"}, {Account: "2", Name: "Otra"}}
	if _, err := back.Choose("3"); !fault.Is(err, fault.Invalid) {
		t.Errorf("chosen what is not there: %v", err)
	}
	chosen, err := back.Choose("2")
	if err != nil || chosen.Account != "2" || chosen.Step != channel.StepChoose || chosen.Rev != 3 {
		t.Errorf("chosen: %+v, %v", chosen, err)
	}
	if _, err := chosen.Choose("1"); !fault.Is(err, fault.Conflict) {
		t.Errorf("chosen twice: %v", err)
	}
}

// What a person brought never prints.
func TestBrought_Hidden(t *testing.T) {
	b := channel.Brought{Code: "secreto", Token: "secreto", Secret: "secreto"}
	if text := fmt.Sprintf("%v %+v %#v %s", b, b, b, b); strings.Contains(text, "secreto") {
		t.Error(text)
	}
}

// Every network can be connected somehow.
func TestMethods(t *testing.T) {
	for _, n := range mention.Networks() {
		if m := channel.Methods(n); len(m) == 0 || m[0] != channel.OAuth2 {
			t.Errorf("%s: %v", n, m)
		}
	}
	if channel.Methods("orkut") != nil {
		t.Error("a network of nobody can be connected")
	}
}
