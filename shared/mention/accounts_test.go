package mention_test

import (
	"testing"

	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/mention"
)

func TestParseAccounts(t *testing.T) {
	accounts, err := mention.ParseAccounts([]byte(`{"facebook":["1","22"],"linkedin":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		network mention.Network
		id      string
		want    bool
	}{
		{mention.Facebook, "1", true},
		{mention.Facebook, "22", true},
		{mention.Facebook, "2", false},
		{mention.Facebook, "", false},
		{mention.LinkedIn, "1", false},
		{mention.X, "1", false},
	} {
		if got := accounts.Ours(c.network, c.id); got != c.want {
			t.Errorf("Ours(%s, %q) = %t, want %t", c.network, c.id, got, c.want)
		}
	}
	if !mention.Accounts(nil).Ours(mention.X, "anything") {
		t.Error("without a list some account is foreign")
	}
	if (mention.Accounts{}).Ours(mention.X, "anything") {
		t.Error("with an empty list some account is ours")
	}
}

func TestParseAccounts_refuses(t *testing.T) {
	for _, text := range []string{``, `null`, `[]`, `{"facebook":"1"}`, `{"facebook":[1]}`, `{"facebok":["1"]}`, `{"facebook":["1"]} x`} {
		if accounts, err := mention.ParseAccounts([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q gave %v, %v", text, accounts, err)
		}
	}
}
